"""Ids and secrets."""

import hashlib
import secrets
import time


def new() -> str:
    """A new id: 12 hex digits of milliseconds, so rows lie in the order they came, and 64 random bits."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(8)}"


def secret() -> str:
    """A secret for a link or a session: 256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def digest(value: str | bytes) -> str:
    """SHA-256 in hex. Secrets are kept as this, never as themselves."""
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()
