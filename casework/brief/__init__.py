"""The brief for the governor: its contents, the sentences of them, and the forms in which it is kept."""
