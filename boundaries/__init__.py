"""Where a point is, and who holds office there."""
