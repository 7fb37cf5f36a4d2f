"""What citizens said, and where it lies."""
