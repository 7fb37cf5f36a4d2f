"""The desk: all that staff do about cases, by HTTP; the console is one client of it."""
