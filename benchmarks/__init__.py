"""What ``script/bench`` runs: each prints a table, and the ratio to a peer in the same run."""
