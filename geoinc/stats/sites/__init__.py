"""What happened at known sites, in time."""
