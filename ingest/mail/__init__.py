"""What an e-mail holds: from its bytes to who wrote what; pure."""
