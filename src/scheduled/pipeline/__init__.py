"""What a job does around its one call, and what is done with results as files."""
