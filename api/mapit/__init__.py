"""Boundaries in the shape of mySociety's MapIt, so that a FixMyStreet can be pointed at them.

A generation is an edition, an area a boundary; docs/reference/mapit.md says what differs.
"""
