"""Channels for tests of connecting: real HTTP to a scripted platform, nothing of a real platform's habits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from contentdesk.channels import registry
from contentdesk.channels.abilities import Ask, Leaving
from contentdesk.channels.base import (
    AppKeys,
    CannotTell,
    Checkpoint,
    Format,
    Login,
    LoginExpired,
    NotAllowed,
    Option,
    Outgoing,
    PhotoRule,
    Prepared,
    Rejected,
    Rules,
    Sent,
    Stats,
    TryLater,
)
from contentdesk.channels.kinds.oauth import OAuth, Token
from contentdesk.lib.http import Http, NoAnswer

HOST = "https://uji.example"
SCOPES = ("baca", "tulis")
SCOPE_NAMES = {"baca": "membaca unggahan", "tulis": "menerbitkan unggahan"}
DOOR = OAuth("Uji", f"{HOST}/masuk", f"{HOST}/token", SCOPES, names=SCOPE_NAMES)
ENDED = "Izin Uji untuk %(handle)s sudah berakhir. Sambungkan lagi."
RULES = Rules(photo=PhotoRule(min_width=1, max_width=1440))


class Verbs:
    """The token stands in the path, so that a test reads which one was used."""

    formats: tuple[Format, ...] = (Format("feed", "Unggahan", RULES),)
    options: tuple[Option, ...] = ()
    figures = frozenset({"likes"})
    by_hand = False
    icon = "world"

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        _good(http, "POST", "/siap", outgoing.login)
        return Prepared({"siap": 1}, ready=True)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent:
        return Sent(str(_good(http, "POST", "/terbit", outgoing.login)["id"]))

    def find(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> CannotTell:
        return CannotTell()

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        likes = _good(http, "GET", "/angka", login)["likes"]
        return {external_id: Stats(likes=likes) for external_id in external_ids}

    def owns_link(self, link: str) -> bool:
        return False


def _good(http: Http, method: str, path: str, login: Login) -> dict[str, Any]:
    try:
        reply = http.call(method, f"{HOST}{path}", params={"memakai": login.token})
    except NoAnswer:
        raise TryLater("Terganggu.", after=timedelta(minutes=5)) from None
    if reply.status == 401:
        raise LoginExpired(ENDED, code="401", handle=login.handle)
    if reply.status == 403:
        raise NotAllowed("Uji mencabut izin %(what)s dari %(handle)s.", what="tulis", handle=login.handle)
    if reply.status != 200 or not reply.json():
        raise TryLater("Terganggu.", after=timedelta(minutes=5), code=str(reply.status))
    return dict(reply.json())


class Bisu(Verbs):
    """Signs in with PKCE; its tokens live an hour and are renewed with a refresh token that changes each time."""

    kind, name = "bisu", "Bisu"
    needs_app = True
    asks: tuple[Ask, ...] = ()
    scopes = SCOPES
    scope_names = SCOPE_NAMES
    renew_before = timedelta(minutes=20)
    youngest_renewed = timedelta(0)

    def leave(
        self, http: Http, app: AppKeys | None, redirect_uri: str, state: str, verifier: str, answers: Mapping[str, str]
    ) -> Leaving:
        assert app is not None
        return Leaving(DOOR.address(app, redirect_uri, state, verifier), {"rahasia": "disimpan-tersegel"})

    def exchange(
        self, http: Http, app: AppKeys | None, redirect_uri: str, code: str, verifier: str, keep: Mapping[str, str]
    ) -> Sequence[Login]:
        assert app is not None
        assert keep == {"rahasia": "disimpan-tersegel"}
        token = DOOR.exchange(http, app, redirect_uri, code, verifier)
        DOOR.must_have(token, SCOPES[:1])
        pages = http.call("GET", f"{HOST}/akun", headers={"Authorization": f"Bearer {token.access}"}).json()
        return [replace(_login(token, page["id"], page["name"]), kind=page.get("kind", "")) for page in pages]

    def renew(self, http: Http, app: AppKeys | None, login: Login) -> Login:
        token = DOOR.refresh(http, app, login.refresh_token, login.handle)
        return _login(token, login.external_id, login.handle)


class Uji(Bisu):
    """As `Bisu`, and says whether a login works."""

    kind, name = "uji", "Uji"

    def check(self, http: Http, login: Login) -> None:
        _good(http, "GET", "/saya", login)


def _login(token: Token, external_id: str, handle: str) -> Login:
    ends = token.expires_at, token.refresh, token.refresh_expires_at
    return Login(external_id, handle, token.access, *ends, scopes=token.scopes)


class Jauh(Verbs):
    """Asks which server, and registers itself there before leaving for it."""

    kind, name = "jauh", "Jauh"
    needs_app = False
    asks = (Ask("data", "Alamat server", "Misalnya jauh.example.", "jauh.example"),)

    def leave(
        self, http: Http, app: AppKeys | None, redirect_uri: str, state: str, verifier: str, answers: Mapping[str, str]
    ) -> Leaving:
        made = http.call("POST", f"https://{answers['data']}/apps", form={"redirect_uris": redirect_uri}).json()
        keys = AppKeys(made["client_id"], made["client_secret"])
        address = self._door(answers["data"]).address(keys, redirect_uri, state, verifier)
        return Leaving(address, {"server": answers["data"], "id": keys.client_id, "secret": keys.client_secret})

    def exchange(
        self, http: Http, app: AppKeys | None, redirect_uri: str, code: str, verifier: str, keep: Mapping[str, str]
    ) -> Sequence[Login]:
        keys = AppKeys(keep["id"], keep["secret"])
        token = self._door(keep["server"]).exchange(http, keys, redirect_uri, code, verifier)
        return [Login("7", "kim_jauh", token.access, details={"data": keep["server"]}, scopes=token.scopes)]

    def _door(self, server: str) -> OAuth:
        return OAuth(self.name, f"https://{server}/authorize", f"https://{server}/token", SCOPES)


class Kunci(Verbs):
    """Connected with a key that a person types."""

    kind, name = "kunci", "Kunci"
    asks = (Ask("nama", "Nama akun"), Ask("sandi", "Sandi aplikasi", secret=True))

    def sign_in(self, http: Http, answers: Mapping[str, str]) -> Sequence[Login]:
        if " " in answers["nama"]:
            raise Rejected("Nama akun tidak memakai spasi.")
        reply = http.call("POST", f"{HOST}/sesi", form=answers)
        if reply.status == 401:
            raise LoginExpired("Nama akun atau sandi aplikasi salah. Periksa, lalu coba lagi.")
        body = reply.json()
        return [Login(body["id"], answers["nama"], body["token"], refresh_token=body["segar"])]


def add(monkeypatch: pytest.MonkeyPatch) -> None:
    """Into the registry, for one test."""
    known = dict(registry.KINDS) | {channel.kind: channel for channel in (Uji(), Bisu(), Jauh(), Kunci())}
    monkeypatch.setattr(registry, "KINDS", MappingProxyType(known))
