"""What is to be built: what belongs to which configuration, and which runs are available."""
