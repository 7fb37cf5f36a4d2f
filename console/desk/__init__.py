"""The console: pages of staff, each of them a client of the API; see docs/explanation/console.md."""
