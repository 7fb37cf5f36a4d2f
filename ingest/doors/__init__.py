"""The doors at which others hand in: feeds that push, apps that post a request, citizens with the form."""
