"""The public map and, later, the console of the city's staff: pages and small ES modules."""
