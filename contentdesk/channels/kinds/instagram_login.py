"""Connecting an Instagram account: sign-in on Instagram, a token of 60 days, renewed while it is alive.

The token endpoints take their secrets as parameters, as documented; nothing of them reaches an exception.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from contentdesk.channels.base import AppKeys, Login, LoginExpired, NotAllowed, TryLater
from contentdesk.channels.kinds.meta_errors import Means, meaning
from contentdesk.channels.kinds.meta_graph import VERSION, codes
from contentdesk.channels.kinds.oauth import OAuth
from contentdesk.lib import clock
from contentdesk.lib.http import Http, NoAnswer, PrivateAddress, Reply
from contentdesk.lib.i18n import N_

AUTHORIZE = "https://www.instagram.com/oauth/authorize"
CODE_FOR_TOKEN = "https://api.instagram.com/oauth/access_token"  # noqa: S105 - an address
TOKEN_HOST = "https://graph.instagram.com"  # noqa: S105 - an address
PUBLISH_SCOPE = "instagram_business_content_publish"
SCOPES = ("instagram_business_basic", PUBLISH_SCOPE, "instagram_business_manage_insights")
SIGN_IN = OAuth("Instagram", AUTHORIZE, CODE_FOR_TOKEN, SCOPES, separator=",", pkce=False)
LIFETIME = timedelta(days=60)
YOUNGEST_RENEWED = timedelta(hours=24)

AGAIN = N_("Sambungan ke Instagram ditolak. Mulai lagi dari awal, lalu setujui semua izin.")
DISTURBED = N_("Instagram sedang terganggu. Akun belum tersambung, coba lagi nanti.")


def authorize_url(app: AppKeys, redirect_uri: str, state: str) -> str:
    return SIGN_IN.address(app, redirect_uri, state)


def exchange(http: Http, app: AppKeys, redirect_uri: str, code: str) -> Login:
    """The code of the sign-in becomes a token of an hour, and that one of 60 days."""
    form = {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "grant_type": "authorization_code",
        "redirect_uri": redirect_uri,
        "code": code.removesuffix("#_"),
    }
    short = _unwrapped(_asked(http, "POST", CODE_FOR_TOKEN, form=form))
    _must_publish(short.get("permissions"))
    fields = {
        "grant_type": "ig_exchange_token",
        "client_secret": app.client_secret,
        "access_token": _text(short, "access_token"),
    }
    token = _asked(http, "GET", f"{TOKEN_HOST}/access_token", params=fields)
    return _who(http, token)


def renew(http: Http, login: Login) -> Login:
    """The same account for another 60 days. A token younger than a day is returned as it is."""
    if login.expires_at and login.expires_at - clock.now() > LIFETIME - YOUNGEST_RENEWED:
        return login
    fields = {"grant_type": "ig_refresh_token", "access_token": login.token}
    reply = _called(http, "GET", f"{TOKEN_HOST}/refresh_access_token", params=fields)
    if _is_dead(reply):
        raise LoginExpired(AGAIN, code=f"http_{reply.status}")
    token = _good(reply)
    if token is None:
        raise _disturbed(f"http_{reply.status}")
    return _login(login.external_id, login.handle, token)


def _who(http: Http, token: dict[str, Any]) -> Login:
    """`user_id` is the account's id in all other calls; `id` is another one."""
    headers = {"Authorization": f"Bearer {_text(token, 'access_token')}"}
    params = {"fields": "user_id,username"}
    body = _unwrapped(_asked(http, "GET", f"{TOKEN_HOST}/{VERSION}/me", params=params, headers=headers))
    return _login(_text(body, "user_id"), _text(body, "username"), token)


def _login(external_id: str, handle: str, token: dict[str, Any]) -> Login:
    seconds = token.get("expires_in")
    lifetime = timedelta(seconds=seconds) if isinstance(seconds, int) else LIFETIME
    return Login(external_id, handle, _text(token, "access_token"), clock.now() + lifetime)


def _asked(
    http: Http,
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """One step of signing in: whatever is refused, the person starts again."""
    reply = _called(http, method, url, params=params, form=form, headers=headers)
    body = _good(reply)
    if body is not None:
        return body
    if 400 <= reply.status < 500 and reply.status != 429:
        raise LoginExpired(AGAIN, code=f"http_{reply.status}")
    raise _disturbed(f"http_{reply.status}")


def _called(
    http: Http,
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    try:
        return http.call(method, url, params=params, form=form, headers=headers)
    except (NoAnswer, PrivateAddress):
        raise _disturbed("no_answer") from None


def _good(reply: Reply) -> dict[str, Any] | None:
    body = reply.json()
    return body if reply.status == 200 and isinstance(body, dict) and "error" not in body else None


def _is_dead(reply: Reply) -> bool:
    """A token that is gone for good; any other refusal to renew leaves it as it is."""
    return reply.status == 401 or meaning(*codes(reply.json())).means is Means.LOGIN


def _disturbed(code: str) -> TryLater:
    return TryLater(DISTURBED, after=timedelta(minutes=5), code=code)


def _unwrapped(body: dict[str, Any]) -> dict[str, Any]:
    """Some documents show the answer inside `{"data": [...]}`, others plain."""
    data = body.get("data")
    return data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else body


def _must_publish(permissions: Any) -> None:
    """People may grant a part of what was asked for."""
    granted = permissions.split(",") if isinstance(permissions, str) else permissions
    if isinstance(granted, list) and PUBLISH_SCOPE not in granted:
        raise NotAllowed(AGAIN, code="scope")


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not value:
        raise _disturbed(f"no_{name}")
    return str(value)
