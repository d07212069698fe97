"""What stands on every page of the clinic."""

NO_DEVICE = "Research software, no medical device."
