"""Who answers citizens and who does not: board, map, chart, calendar, brief, and the page of an office."""
