"""Whether results are what they were: byte for byte, and number for number."""
