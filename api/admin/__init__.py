"""What administrators change: boundaries, officials, rules and their clocks, accounts, keys."""
