"""What becomes of an answer that is overdue: the ladder, who is told on each rung, and that they were.

``ladder``, ``climb`` and ``holders`` say who is told when; ``runs`` writes it down, ``notices`` sends it.
"""
