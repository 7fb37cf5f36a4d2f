"""What the city does about a report: collect, select, decide, answer, escalate.

A package for each question, each importing from those below it alone (``pyproject.toml`` has them so)::

    brief       what the governor reads of it     desk        what the unit has before it
    board       who answers and who does not      steps       which steps a case may take
    routing     whose turn it is to answer
    escalation  who is told that an answer is overdue
    duplicates  which reports tell of the same problem
    citizens    what citizens are told by e-mail  clock       when an answer is due
    models      the tables

``mail`` carries what ``citizens`` and ``escalation`` send; ``tasks`` is what the worker does.
"""
