"""A Mastodon server: apps for everybody, sign-in with PKCE, media that takes its time, a key against doubles."""
