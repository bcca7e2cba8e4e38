"""Connecting a YouTube channel: Google's sign-in, a token of an hour, and one with which it is renewed."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from contentdesk.channels.base import AppKeys, Login, NotAllowed
from contentdesk.channels.kinds.oauth import OAuth, Token
from contentdesk.channels.kinds.youtube_api import PLATFORM, Google
from contentdesk.channels.kinds.youtube_errors import NO_CHANNEL
from contentdesk.lib.http import Http
from contentdesk.lib.i18n import N_

BASE = "https://www.googleapis.com/auth/"
UPLOAD, READ, COMMENTS = f"{BASE}youtube.upload", f"{BASE}youtube.readonly", f"{BASE}youtube.force-ssl"
NEEDED = (UPLOAD, READ)
SCOPES = (*NEEDED, COMMENTS)
"""Comments are read with the last one alone. Whoever does not grant it publishes and measures all the same."""
SCOPE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        UPLOAD: N_("mengunggah video YouTube"),
        READ: N_("melihat kanal YouTube dan angkanya"),
        COMMENTS: N_("membaca komentar YouTube"),
    }
)

GOOGLE = OAuth(
    platform=PLATFORM,
    authorize="https://accounts.google.com/o/oauth2/v2/auth",
    token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    scopes=SCOPES,
    names=SCOPE_NAMES,
)


def authorize_url(app: AppKeys, redirect_uri: str, state: str, verifier: str) -> str:
    """`offline` and `consent` together bring a refresh token each time, not at the first time only."""
    return GOOGLE.address(
        app, redirect_uri, state, verifier, access_type="offline", prompt="consent", include_granted_scopes="false"
    )


def exchange(http: Http, app: AppKeys, redirect_uri: str, code: str, verifier: str) -> Login:
    """Raises NotAllowed when a needed permission was unticked, or when the account has no channel."""
    token = GOOGLE.exchange(http, app, redirect_uri, code, verifier)
    GOOGLE.must_have(token, NEEDED)
    return _who(http, _with(Login("", ""), token))


def renew(http: Http, app: AppKeys | None, login: Login) -> Login:
    """The refresh token stays good, so the answer mostly has none."""
    fresh = _with(login, GOOGLE.refresh(http, app, login.refresh_token, login.handle))
    return replace(fresh, scopes=fresh.scopes or login.scopes)


def check(http: Http, login: Login) -> None:
    _who(http, login)


def _with(login: Login, token: Token) -> Login:
    return replace(
        login,
        token=token.access,
        expires_at=token.expires_at,
        refresh_token=token.refresh,
        refresh_expires_at=token.refresh_expires_at,
        scopes=token.scopes,
    )


def _who(http: Http, login: Login) -> Login:
    items = Google(http, login).get("channels", mine="true", part="snippet").get("items")
    channel = items[0] if isinstance(items, list) and items else None
    if not isinstance(channel, dict) or not channel.get("id"):
        raise NotAllowed(NO_CHANNEL, code="no_channel", platform=PLATFORM)
    snippet = channel.get("snippet")
    names = snippet if isinstance(snippet, dict) else {}
    handle = str(names.get("customUrl") or "").lstrip("@") or str(names.get("title") or channel["id"])
    return replace(login, external_id=str(channel["id"]), handle=handle)
