"""What the city does about a report: collect, select, decide, answer, escalate.

So far: which reports may tell of the same event.
"""
