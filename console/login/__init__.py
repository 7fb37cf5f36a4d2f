"""The pages by which staff come in: login, second factor, password."""
