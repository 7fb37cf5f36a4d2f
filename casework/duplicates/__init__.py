"""Which reports tell of the same problem: candidates, and the clusters that people merge and part."""
