"""What everything stands on: errors, checked arguments, hashes, tables on disk, strict models."""
