"""When an answer is due: norms, which of them holds, the days of the city, and what stops the clock."""
