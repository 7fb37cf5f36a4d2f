"""Filters in CQL2: read by a parser library, checked, turned into conditions whose values are parameters."""
