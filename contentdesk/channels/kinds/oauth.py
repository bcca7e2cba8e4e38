"""OAuth 2 as the platforms speak it: the address of the sign-in page, a code for a token, a refresh (RFC 6749, 7636).

Authlib builds the address and the challenge; the calls go through our `Http`. The token endpoints take their secrets
in a form; nothing of them, and no text of the platform's, reaches an exception.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from contentdesk.channels.abilities import Ask, Leaving
from contentdesk.channels.base import AppKeys, ChannelError, LoginExpired, NotAllowed, TryLater
from contentdesk.lib import clock
from contentdesk.lib.http import Http, NoAnswer, PrivateAddress, Reply
from contentdesk.lib.i18n import N_

OVER = frozenset({"invalid_grant"})
"""The code or the refresh token is not, or no longer, good (RFC 6749, 5.2)."""
APP_REFUSED = frozenset({"invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"})
PASSES = frozenset({408, 425, 429})
FIRST_WAIT = timedelta(minutes=5)

AGAIN = N_("Sambungan ke %(platform)s ditolak. Mulai lagi dari awal, lalu setujui semua izin.")
ENDED = N_("Izin %(platform)s untuk %(handle)s sudah berakhir atau dicabut. Sambungkan lagi.")
APP = N_("%(platform)s menolak aplikasi milik kota. Minta pengelola memeriksa pengaturannya.")
NO_APP = N_(
    "Izin %(platform)s untuk %(handle)s tidak bisa diperpanjang: aplikasi kota belum diatur di server. "
    "Unggahan menunggu. Minta pengelola mengaturnya."
)
DISTURBED = N_("%(platform)s sedang terganggu. Tidak ada yang berubah, coba lagi nanti.")
PRIVATE = N_("Alamat itu ada di jaringan tertutup atau tidak dikenal, jadi tidak dibuka. Periksa alamatnya.")
TOO_LITTLE = N_(
    "Izin dari %(platform)s kurang: %(missing)s. Sambungkan lagi, lalu setujui semua yang diminta. "
    "Tidak ada yang berubah."
)


class OneDoor:
    """Channels of a platform with one page to sign in on, which knows no PKCE and wants nothing typed before."""

    door: ClassVar["OAuth"]
    needs_app = True
    asks: tuple[Ask, ...] = ()

    def leave(
        self, http: Http, app: AppKeys | None, redirect_uri: str, state: str, verifier: str, answers: Mapping[str, str]
    ) -> Leaving:
        assert app is not None
        return Leaving(self.door.address(app, redirect_uri, state))


@dataclass(frozen=True)
class Token:
    """What a token endpoint answered. `refresh` is empty when it brought none: the old one stays good."""

    access: str = field(repr=False)
    refresh: str = field(repr=False, default="")
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    """What was granted; empty: the platform does not say."""
    body: Mapping[str, Any] = field(repr=False, default_factory=dict)
    """The whole answer, for what a platform adds (`open_id`). Holds the secrets too."""


@dataclass(frozen=True)
class OAuth:
    """The two addresses of a platform and its habits."""

    platform: str
    authorize: str
    token: str
    scopes: tuple[str, ...]
    separator: str = " "
    id_field: str = "client_id"
    pkce: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    """What each scope permits, in words for the catalogue."""

    def address(self, app: AppKeys, redirect_uri: str, state: str, verifier: str = "", **more: str) -> str:
        """Where the browser goes. `more` are fields of the platform's own (`access_type`)."""
        if self.pkce and verifier:
            more |= {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}
        scope = self.separator.join(self.scopes)
        address = prepare_grant_uri(
            self.authorize, app.client_id, "code", redirect_uri=redirect_uri, scope=scope, state=state, **more
        )
        return str(address).replace("client_id=", f"{self.id_field}=", 1)

    def exchange(self, http: Http, app: AppKeys, redirect_uri: str, code: str, verifier: str = "") -> Token:
        """The code for a token. Raises LoginExpired (start again), NotAllowed or TryLater."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if self.pkce and verifier:
            form["code_verifier"] = verifier
        reply = self._asked(http, app, form)
        token = self._token(reply)
        if token is not None:
            return token
        raise self._refused(reply, AGAIN, starting=True)

    def refresh(self, http: Http, app: AppKeys | None, refresh_token: str, handle: str) -> Token:
        """A fresh token. LoginExpired only when the platform says that it is over; else NotAllowed or TryLater.

        `app` None: the settings no longer have it, which says nothing about the login.
        """
        if not refresh_token:
            raise LoginExpired(ENDED, code="no_refresh_token", platform=self.platform, handle=handle)
        if app is None:
            raise TryLater(NO_APP, after=FIRST_WAIT, code="no_app", platform=self.platform, handle=handle)
        reply = self._asked(http, app, {"grant_type": "refresh_token", "refresh_token": refresh_token})
        token = self._token(reply)
        if token is not None:
            return token
        raise self._refused(reply, ENDED, starting=False, handle=handle)

    def must_have(self, token: Token, needed: Collection[str]) -> None:
        """Raises NotAllowed that names what was not granted. Silent where the platform does not say."""
        missing = [scope for scope in needed if scope not in token.scopes]
        if token.scopes and missing:
            raise self.too_little(missing)

    def too_little(self, missing: Collection[str]) -> NotAllowed:
        words = list(dict.fromkeys(self.names.get(scope, scope) for scope in missing))
        return NotAllowed(TOO_LITTLE, code="scope", platform=self.platform, missing=words)

    def _asked(self, http: Http, app: AppKeys, form: dict[str, str]) -> Reply:
        sent = {self.id_field: app.client_id, **form}
        if app.client_secret:
            sent["client_secret"] = app.client_secret
        try:
            return http.call("POST", self.token, form=sent, headers={"Accept": "application/json"})
        except PrivateAddress:
            raise NotAllowed(PRIVATE, code="private_address") from None
        except NoAnswer:
            raise self._later("no_answer") from None

    def _token(self, reply: Reply) -> Token | None:
        body = reply.json()
        good = reply.status in {200, 201} and isinstance(body, dict) and not body.get("error")
        return token_of(body) if good and body.get("access_token") else None

    def _refused(self, reply: Reply, sentence: str, *, starting: bool, handle: str = "") -> ChannelError:
        """Some platforms refuse with status 200, so the word counts before the number."""
        word = error_word(reply.json())
        code = word or f"http_{reply.status}"
        if word in OVER:
            return LoginExpired(sentence, code=code, platform=self.platform, handle=handle)
        if word in APP_REFUSED:
            return NotAllowed(APP, code=code, platform=self.platform)
        if starting and 400 <= reply.status < 500 and reply.status not in PASSES:
            return LoginExpired(sentence, code=code, platform=self.platform, handle=handle)
        return self._later(code)

    def _later(self, code: str) -> TryLater:
        return TryLater(DISTURBED, after=FIRST_WAIT, code=code, platform=self.platform)


def token_of(body: Mapping[str, Any]) -> Token:
    """The answer of a token endpoint, which has an `access_token`, as data."""
    return Token(
        str(body["access_token"]),
        str(body.get("refresh_token") or ""),
        _in(body.get("expires_in")),
        _in(body.get("refresh_expires_in") or body.get("refresh_token_expires_in")),
        scopes_of(body.get("scope")),
        body,
    )


def scopes_of(value: Any) -> tuple[str, ...]:
    """Separated by blanks as in the standard, by commas as some platforms do, or a list."""
    words = value if isinstance(value, list) else re.split(r"[\s,]+", value) if isinstance(value, str) else []
    return tuple(str(word) for word in words if word)


def error_word(body: Any) -> str:
    """The word of an error answer, "" when there is none that looks like one."""
    word = body.get("error") if isinstance(body, dict) else None
    return word if isinstance(word, str) and re.fullmatch(r"\w{1,60}", word) else ""


def _in(seconds: Any) -> datetime | None:
    """The moment in so many seconds; None for what is no lifetime (0 means that it does not end)."""
    try:
        lifetime = float(seconds)
    except (TypeError, ValueError):
        return None
    return clock.now() + timedelta(seconds=lifetime) if 0 < lifetime < 10**10 else None
