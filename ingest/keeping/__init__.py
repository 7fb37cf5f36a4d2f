"""What is kept as it was sent, and for how long."""
