"""Signing in on a platform of Meta's that has people of its own: a code, a token of an hour, one of 60 days.

The token endpoints take their secrets as parameters, as documented; nothing of them reaches an exception.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contentdesk.channels.base import AppKeys, Login, LoginExpired, TryLater
from contentdesk.channels.kinds.meta_errors import Means, meaning
from contentdesk.channels.kinds.meta_graph import codes
from contentdesk.channels.kinds.oauth import OAuth, scopes_of
from contentdesk.lib import clock
from contentdesk.lib.http import Http, NoAnswer, PrivateAddress, Reply
from contentdesk.lib.i18n import N_

LIFETIME = timedelta(days=60)
YOUNGEST_RENEWED = timedelta(hours=24)

AGAIN = N_("Sambungan ke %(platform)s ditolak. Mulai lagi dari awal, lalu setujui semua izin.")
DISTURBED = N_("%(platform)s sedang terganggu. Tidak ada yang berubah, coba lagi nanti.")


@dataclass(frozen=True)
class UserLogin:
    """One platform. `graph` is its token host with scheme, `prefix` what its grant types begin with."""

    oauth: OAuth
    graph: str
    version: str
    prefix: str
    id_field: str
    """The field of `/me` that names the account in all other calls."""
    must_have: str
    """The scope without which nothing can be published."""

    def exchange(self, http: Http, app: AppKeys, redirect_uri: str, code: str) -> Login:
        """The code of the sign-in becomes a token of an hour, and that one of 60 days."""
        form = {
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code.removesuffix("#_"),
        }
        short = _unwrapped(self._asked(http, "POST", self.oauth.token, form=form))
        scopes = scopes_of(short.get("permissions"))
        self._must_publish(scopes)
        fields = {
            "grant_type": f"{self.prefix}_exchange_token",
            "client_secret": app.client_secret,
            "access_token": self._text(short, "access_token"),
        }
        token = self._asked(http, "GET", f"{self.graph}/access_token", params=fields)
        return self._who(http, token, scopes)

    def renew(self, http: Http, login: Login) -> Login:
        """The same account for another 60 days. A token younger than a day is returned as it is."""
        if login.expires_at and login.expires_at - clock.now() > LIFETIME - YOUNGEST_RENEWED:
            return login
        fields = {"grant_type": f"{self.prefix}_refresh_token", "access_token": login.token}
        reply = self._called(http, "GET", f"{self.graph}/refresh_access_token", params=fields)
        if _is_dead(reply):
            raise self._again(f"http_{reply.status}")
        token = _good(reply)
        if token is None:
            raise self._disturbed(f"http_{reply.status}")
        return self._login(login.external_id, login.handle, token, login.scopes, login.details)

    def _who(self, http: Http, token: dict[str, Any], scopes: tuple[str, ...]) -> Login:
        headers = {"Authorization": f"Bearer {self._text(token, 'access_token')}"}
        params = {"fields": f"{self.id_field},username"}
        address = f"{self.graph}/{self.version}/me"
        body = _unwrapped(self._asked(http, "GET", address, params=params, headers=headers))
        return self._login(self._text(body, self.id_field), self._text(body, "username"), token, scopes, {})

    def _login(
        self, external_id: str, handle: str, token: dict[str, Any], scopes: tuple[str, ...], details: Mapping[str, str]
    ) -> Login:
        seconds = token.get("expires_in")
        lifetime = timedelta(seconds=seconds) if isinstance(seconds, int) else LIFETIME
        secret, ends = self._text(token, "access_token"), clock.now() + lifetime
        return Login(external_id, handle, secret, ends, details=details, scopes=scopes)

    def _asked(
        self,
        http: Http,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """One step of signing in: whatever is refused, the person starts again."""
        reply = self._called(http, method, url, params=params, form=form, headers=headers)
        body = _good(reply)
        if body is not None:
            return body
        if 400 <= reply.status < 500 and reply.status != 429:
            raise self._again(f"http_{reply.status}")
        raise self._disturbed(f"http_{reply.status}")

    def _called(
        self,
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
            raise self._disturbed("no_answer") from None

    def _must_publish(self, scopes: tuple[str, ...]) -> None:
        """People may grant a part of what was asked for. No scopes: the platform does not say."""
        if scopes and self.must_have not in scopes:
            raise self.oauth.too_little([self.must_have])

    def _text(self, body: dict[str, Any], name: str) -> str:
        value = body.get(name)
        if not value:
            raise self._disturbed(f"no_{name}")
        return str(value)

    def _again(self, code: str) -> LoginExpired:
        return LoginExpired(AGAIN, code=code, platform=self.oauth.platform)

    def _disturbed(self, code: str) -> TryLater:
        return TryLater(DISTURBED, after=timedelta(minutes=5), code=code, platform=self.oauth.platform)


def _good(reply: Reply) -> dict[str, Any] | None:
    body = reply.json()
    return body if reply.status == 200 and isinstance(body, dict) and "error" not in body else None


def _is_dead(reply: Reply) -> bool:
    """A token that is gone for good; any other refusal to renew leaves it as it is."""
    return reply.status == 401 or meaning(*codes(reply.json())).means is Means.LOGIN


def _unwrapped(body: dict[str, Any]) -> dict[str, Any]:
    """Some documents show the answer inside `{"data": [...]}`, others plain."""
    data = body.get("data")
    return data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else body
