"""Whose turn it is to answer: the rules, what cannot work in them, and who held the office."""
