"""Work on millions of rows at once: archives, exports, joins and indexes, on this machine or on a cluster."""
