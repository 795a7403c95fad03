"""What the harness promises: that it alternates, that it notices work that was not done, that it leaves nothing."""
