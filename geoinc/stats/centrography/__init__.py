"""Where the middle of incidents is, how far they spread, and which way."""
