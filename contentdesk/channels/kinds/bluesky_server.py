"""Speaks with a personal data server (PDS) of Bluesky's network: sessions, renewal, calls by name (XRPC)."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, BinaryIO
from urllib.parse import urlencode

from contentdesk.channels.base import ChannelError, Login, LoginExpired, Rejected
from contentdesk.channels.kinds.meta_errors import Meaning, Means
from contentdesk.channels.kinds.servers import (
    Habits,
    Server,
    is_safe,
    not_one,
    parts_of,
    read_public,
    typed_address,
)
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from contentdesk.lib.i18n import N_

NAME = "Bluesky"
HOME = "https://bsky.social"
ACCESS_LIFETIME = timedelta(hours=2)
REFRESH_LIFETIME = timedelta(days=90)
NOT_FOUND = "RecordNotFound"

WRONG_KEY = N_(
    "%(platform)s menolak nama akun atau kata sandi aplikasinya. Buat kata sandi aplikasi di Pengaturan, Privasi dan "
    "keamanan, lalu tempel di sini."
)
MEDIA_GONE = Meaning(
    Means.NOT_YET,
    N_("Foto atau video di %(platform)s terhapus sebelum terbit. Kami kirim lagi."),
    timedelta(minutes=30),
)

ACCOUNT_GONE = Meaning(
    Means.PERMISSION,
    N_(
        "%(platform)s tidak lagi melayani akun %(handle)s di server ini: terhapus, dinonaktifkan, atau pindah. "
        "Periksa di sana, lalu sambungkan lagi atau pilih akun lain."
    ),
)

WORDS: Mapping[str, Meaning] = MappingProxyType(
    {
        **dict.fromkeys(("ExpiredToken", "InvalidToken"), Meaning(Means.LOGIN)),
        **dict.fromkeys(("AccountTakedown", "RepoTakendown", "RepoSuspended"), Meaning(Means.PERMISSION)),
        **dict.fromkeys(("AccountNotFound", "RepoNotFound", "AccountDeactivated", "RepoDeactivated"), ACCOUNT_GONE),
        "BlobNotFound": MEDIA_GONE,
    }
)


def _word(body: Any) -> str:
    word = body.get("error") if isinstance(body, dict) else None
    return word if isinstance(word, str) and re.fullmatch(r"\w{1,60}", word) else ""


HABITS = Habits(NAME, _word, WORDS)


class Pds:
    """One account on its server. Raises nothing but ChannelError."""

    def __init__(self, http: Http, login: Login, token: str | None = None) -> None:
        self.login = login
        headers = {"Authorization": f"Bearer {login.token if token is None else token}"}
        self._server = Server(http, HABITS, login.details.get("pds", HOME), login.handle, headers)
        self.words, self.failure = self._server.words, self._server.failure

    def get(self, name: str, params: Iterable[tuple[str, str]], also: Collection[str] = ()) -> dict[str, Any]:
        """A parameter may stand there several times. `also`: words of errors that are answers too."""
        return _row(self._server.call("GET", f"{self._at(name)}?{urlencode(list(params))}", also=also).json())

    def post(self, name: str, body: Any = None, *, once: bool = False) -> dict[str, Any]:
        return _row(self._server.call("POST", self._at(name), body=body, once=once).json())

    def upload(self, file: BinaryIO, media_type: str) -> dict[str, Any]:
        """The blob, as it stands in a record."""
        name, headers = "com.atproto.repo.uploadBlob", {"Content-Type": media_type}
        blob = _row(self._server.call("POST", self._at(name), data=file, headers=headers).json()).get("blob")
        if not isinstance(blob, dict):
            raise self.failure(Meaning(Means.TRANSIENT), "no_blob")
        return blob

    def _at(self, name: str) -> str:
        return f"{self._server.base}/xrpc/{name}"


def _row(body: Any) -> dict[str, Any]:
    return body if isinstance(body, dict) else {}


def sign_in(http: Http, answers: Mapping[str, str]) -> Login:
    """Raises LoginExpired for a wrong password, Rejected for an address that cannot be right, NotAllowed, TryLater."""
    typed = typed_address(answers.get("server", "").strip() or HOME, HOME)
    server, about = read_public(http, typed, "/xrpc/com.atproto.server.describeServer")
    if not isinstance(about, dict) or "availableUserDomains" not in about:
        raise not_one(NAME, typed)
    name = answers.get("user", "").strip().lstrip("@")
    body = {"identifier": name, "password": answers.get("key", "").strip()}
    nobody = Pds(http, Login("", name, details={"pds": server}), token="")
    try:
        session = nobody.post("com.atproto.server.createSession", body)
    except (LoginExpired, Rejected) as error:
        raise LoginExpired(WRONG_KEY, code=error.code, **error.values) from None
    return _login(nobody, session, server)


def renew(http: Http, login: Login) -> Login:
    """A new pair; the old one is over. LoginExpired when the platform says so, else TryLater or NotAllowed."""
    pds = Pds(http, login, token=login.refresh_token)
    try:
        session = pds.post("com.atproto.server.refreshSession")
    except Rejected as error:
        raise pds.failure(Meaning(Means.TRANSIENT), error.code) from None
    fresh = _login(pds, session, login.details.get("pds", HOME))
    if fresh.external_id != login.external_id:
        raise pds.failure(Meaning(Means.TRANSIENT), "another_account")
    return fresh


def _login(pds: Pds, session: dict[str, Any], server: str) -> Login:
    did, token, refresh = (str(session.get(name) or "") for name in ("did", "accessJwt", "refreshJwt"))
    if not (did and token and refresh):
        raise pds.failure(Meaning(Means.TRANSIENT), "no_session")
    return Login(
        did,
        str(session.get("handle") or did),
        token,
        _ends(token) or clock.now() + ACCESS_LIFETIME,
        refresh_token=refresh,
        refresh_expires_at=_ends(refresh) or clock.now() + REFRESH_LIFETIME,
        details={"pds": _home_of(session) or server},
    )


def _home_of(session: dict[str, Any]) -> str:
    """Where the account's data lies, which a large host tells in the session. Nothing that is not safe is believed."""
    services = _row(session.get("didDoc")).get("service")
    for service in services if isinstance(services, list) else ():
        place = str(_row(service).get("serviceEndpoint", ""))
        if str(_row(service).get("id", "")).endswith("#atproto_pds"):
            parts = parts_of(place)
            return f"{parts.scheme}://{parts.netloc}" if parts and is_safe(parts) else ""
    return ""


def _ends(token: str) -> datetime | None:
    """The end that is written in the token, which only its server can check."""
    try:
        payload = token.split(".")[1]
        return datetime.fromtimestamp(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"], UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def did_of(pds: Pds, handle: str) -> str | None:
    """None when nobody has this handle."""
    try:
        found = pds.get("com.atproto.identity.resolveHandle", [("handle", handle)], also={"InvalidRequest"})
    except ChannelError as error:
        if error.code in ("HandleNotFound", "http_404"):
            return None
        raise
    return str(found["did"]) if found.get("did") else None
