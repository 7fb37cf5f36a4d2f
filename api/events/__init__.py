"""What changed on the maps, told as it happens, by a process of its own: each listener holds a connection."""
