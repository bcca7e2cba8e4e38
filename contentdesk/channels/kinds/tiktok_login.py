"""Connecting a TikTok account: OAuth 2 with a `client_key`, tokens of hours, refresh tokens that are used up.

Two documents name two sets of lifetimes (2 hours and 180 days, 24 hours and 365 days), so only what the answer says
counts. A refresh brings a new pair and ends the old refresh token.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from contentdesk.channels.base import AppKeys, Login, TryLater
from contentdesk.channels.kinds.oauth import DISTURBED, FIRST_WAIT, OAuth, Token
from contentdesk.channels.kinds.tiktok_api import PLATFORM, Api
from contentdesk.channels.kinds.tiktok_options import DIRECT_SCOPE, INBOX_SCOPE
from contentdesk.lib.http import Http
from contentdesk.lib.i18n import N_

SCOPES = (
    "user.info.basic",
    "user.info.profile",
    "user.info.stats",
    "video.list",
    "video.upload",
    "video.publish",
)
SCOPE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "user.info.basic": N_("melihat akun TikTok"),
        "user.info.profile": N_("melihat profil TikTok"),
        "user.info.stats": N_("membaca jumlah pengikut TikTok"),
        "video.list": N_("melihat unggahan TikTok dan angkanya"),
        INBOX_SCOPE: N_("mengunggah ke kotak masuk TikTok"),
        DIRECT_SCOPE: N_("menerbitkan langsung di TikTok"),
    }
)
SIGN_IN = OAuth(
    PLATFORM,
    "https://www.tiktok.com/v2/auth/authorize/",
    "https://open.tiktokapis.com/v2/oauth/token/",
    SCOPES,
    separator=",",
    id_field="client_key",
    names=SCOPE_NAMES,
    pkce=False,  # asked for on desktop and mobile only, and there with a challenge in hex
)


def exchange(http: Http, app: AppKeys, redirect_uri: str, code: str) -> Login:
    """Without the scope to publish directly the inbox is left, which asks for less. Raises as `OAuth` does."""
    token = SIGN_IN.exchange(http, app, redirect_uri, code)
    SIGN_IN.must_have(token, ("user.info.basic", INBOX_SCOPE))
    open_id = str(token.body.get("open_id") or "")
    if not open_id:
        raise TryLater(DISTURBED, after=FIRST_WAIT, code="no_open_id", platform=PLATFORM)
    return _login(open_id, _name(http, open_id, token), token)


def renew(http: Http, app: AppKeys | None, login: Login) -> Login:
    token = SIGN_IN.refresh(http, app, login.refresh_token, login.handle)
    return _login(login.external_id, login.handle, token, login.scopes)


def ask_user(api: Api, *fields: str) -> Mapping[str, Any]:
    user = api.get("user/info/", fields=",".join(fields)).get("user")
    return user if isinstance(user, dict) else {}


def _name(http: Http, open_id: str, token: Token) -> str:
    """The name in links, where it was granted; else the one that is shown."""
    profile = "user.info.profile" in token.scopes
    user = ask_user(Api(http, Login(open_id, "", token.access)), "display_name", *(["username"] if profile else []))
    return str(user.get("username") or user.get("display_name") or open_id)


def _login(external_id: str, handle: str, token: Token, scopes: tuple[str, ...] = ()) -> Login:
    return Login(
        external_id,
        handle,
        token.access,
        token.expires_at,
        refresh_token=token.refresh,
        refresh_expires_at=token.refresh_expires_at,
        scopes=token.scopes or scopes,
    )
