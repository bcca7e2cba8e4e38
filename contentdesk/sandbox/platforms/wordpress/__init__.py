"""A WordPress site: application passwords, media, terms, drafts that become public by their status."""
