"""Who works here: accounts of the city's staff, their roles and their second factor."""
