"""Who answers citizens and who does not: what became of the turns in a time, and how it is shown.

``figures`` counts, ``outcomes`` makes rows of it and groups them; ``league`` is what the public sees.
"""
