"""Where incidents are dense, and where one kind is denser than another."""
