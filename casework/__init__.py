"""What the city does about a report: collect, select, decide, answer, escalate.

Empty as yet: the room stands so that the import contracts of the house hold from the start.
"""
