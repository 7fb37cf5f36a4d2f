"""What a run is made of: what it is to read, how its batches become rows, and how its feed fares."""
