"""What the unit has before it: which cases want attention, the most urgent first, and what is near one."""
