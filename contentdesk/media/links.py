"""Addresses under which a platform may fetch one photo or video for a while. They carry all they need, no query."""

from collections.abc import Sequence
from datetime import timedelta

from itsdangerous import BadData, URLSafeSerializer

from contentdesk.lib import clock
from contentdesk.lib.files import DIGEST

SALT = "media.shared"


def shared_url(public_url: str, secret: str, sha256: str, valid_for: timedelta, suffix: str = ".jpg") -> str:
    """`<public_url>/m/<token>.jpg` or `.mp4`, good for `valid_for` from now."""
    until = int((clock.now() + valid_for).timestamp())
    token = URLSafeSerializer(secret, salt=SALT).dumps([sha256, until])
    return f"{public_url}/m/{token if isinstance(token, str) else token.decode()}{suffix}"


def shared_sha256(token: str, secrets: Sequence[str]) -> str | None:
    """Whose bytes the token opens; None when it is not ours, was changed, or is over."""
    try:
        sha256, until = URLSafeSerializer(list(reversed(secrets)), salt=SALT).loads(token)
    except (BadData, TypeError, ValueError):
        return None
    if not isinstance(sha256, str) or not DIGEST.fullmatch(sha256) or not isinstance(until, int):
        return None
    return sha256 if clock.now().timestamp() < until else None
