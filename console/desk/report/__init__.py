"""The page of one report: all that is known of it, and what who looks may do about it."""
