"""Against real servers on this machine: `make test-real`. No part of the ordinary tests, which never collect this.

WordPress and Bluesky run their own software; Mastodon's is a mock from a package, and counts as one.
"""
