"""Who wants to hear of which reports: what is chosen, whom to tell, what was told."""
