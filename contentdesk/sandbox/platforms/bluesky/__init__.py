"""Bluesky's network: a personal data server with sessions, blobs and records, and the counters over all of them."""
