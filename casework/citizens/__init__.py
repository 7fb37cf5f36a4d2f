"""What citizens are told by e-mail: replies, what they watch, the links in both; and forgetting them."""
