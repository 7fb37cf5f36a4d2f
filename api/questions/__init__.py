"""What an analyst asks: where many points lie, what is nearest, how many there are, where and when."""
