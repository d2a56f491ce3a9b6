"""What is to be built: which result belongs to which configuration, and which runs are available."""
