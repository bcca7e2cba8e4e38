"""Speaks with the REST interface of one WordPress site, with an application password.

The interface lies under /wp-json/, or, where the site has no readable addresses, behind `?rest_route=`.
"""

import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

from contentdesk.channels.base import Login, LoginExpired, NotAllowed, Rejected
from contentdesk.channels.kinds.meta_errors import Meaning, Means
from contentdesk.channels.kinds.servers import (
    Habits,
    Server,
    host_of,
    not_one,
    read_public,
    typed_address,
)
from contentdesk.lib.http import Http, Reply
from contentdesk.lib.i18n import N_

NAME = "WordPress"
EXAMPLE = "https://blog.kelurahan.id"
NEEDED = ("publish_posts", "upload_files")
PATH, QUERY = "path", "query"

WRONG_KEY = N_(
    "%(handle)s menolak nama pengguna atau kata sandi aplikasinya. Buat kata sandi aplikasi baru di halaman Profil "
    "situs itu, lalu tempel di sini."
)
NO_RIGHTS = N_(
    "Pengguna %(user)s belum boleh menerbitkan di %(handle)s. Minta pengelola situs memberinya peran Penulis (Author)."
)
DRAFT_GONE = Meaning(Means.NOT_YET, N_("Rancangan di %(handle)s terhapus sebelum terbit. Kami buat lagi."))

WORDS: Mapping[str, Meaning] = MappingProxyType(
    {
        "rest_post_invalid_id": DRAFT_GONE,
        # Answered with status 500, and for good all the same.
        "rest_upload_sideload_error": Meaning(Means.CONTENT),
        "rest_upload_unknown_error": Meaning(Means.CONTENT),
        "rest_no_route": Meaning(
            Means.PERMISSION,
            N_("%(handle)s menutup pintu untuk aplikasi. Minta pengelola situs membukanya (REST API)."),
        ),
    }
)


def _word(body: Any) -> str:
    word = body.get("code") if isinstance(body, dict) else None
    return word if isinstance(word, str) and re.fullmatch(r"\w{1,60}", word) else ""


HABITS = Habits(NAME, _word, WORDS)


class Site:
    """One user of one site. Raises nothing but ChannelError."""

    def __init__(self, http: Http, login: Login) -> None:
        self.address, self._way = login.details.get("site", ""), login.details.get("rest", PATH)
        name = f"{login.details.get('user', '')}:{login.token}"
        headers = {"Authorization": f"Basic {b64encode(name.encode()).decode()}"}
        self._server = Server(http, HABITS, self.address, login.handle, headers)
        self.words, self.failure = self._server.words, self._server.failure

    def get(self, route: str, **params: str) -> Any:
        return self.read(route, **params).json()

    def read(self, route: str, **params: str) -> Reply:
        """As `get`, with the headers, in which lists tell their length."""
        url, params = self._at(route, params)
        return self._server.call("GET", url, params=params)

    def post(
        self, route: str, body: Mapping[str, Any], *, once: bool = False, also: Collection[str] = ()
    ) -> dict[str, Any]:
        url, params = self._at(route, {})
        return _row(self._server.call("POST", url, params=params, body=body, once=once, also=also))

    def upload(self, name: str, file: BinaryIO, media_type: str) -> dict[str, Any]:
        url, params = self._at("media", {})
        headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{name}"'}
        return _row(self._server.call("POST", url, params=params, data=file, headers=headers))

    def _at(self, route: str, params: dict[str, str]) -> tuple[str, dict[str, str]]:
        if self._way == QUERY:
            return f"{self.address}/", {"rest_route": f"/wp/v2/{route}", **params}
        return f"{self.address}/wp-json/wp/v2/{route}", params


def _row(reply: Reply) -> dict[str, Any]:
    body = reply.json()
    return body if isinstance(body, dict) else {}


def sign_in(http: Http, answers: Mapping[str, str]) -> Login:
    """Raises LoginExpired for a wrong password, Rejected for an address that cannot be right, NotAllowed, TryLater."""
    base = typed_address(answers.get("site", ""), EXAMPLE)
    site, way = _found(http, base)
    user, key = answers.get("user", "").strip(), answers.get("key", "").strip()
    login = Login("", host_of(site), key, details={"site": site, "rest": way, "user": user})
    try:
        me = who(http, login)
    except LoginExpired as error:
        raise LoginExpired(WRONG_KEY, code=error.code, **error.values) from None
    details = {**login.details, "user_id": str(me.get("id"))}
    return Login(f"{host_of(site)}#{me.get('id')}", login.handle, key, details=details)


def who(http: Http, login: Login) -> dict[str, Any]:
    """The user behind the login. Raises NotAllowed when it may not publish there."""
    site = Site(http, login)
    me = _row(site.read("users/me", context="edit"))
    rights = me.get("capabilities")
    if not isinstance(rights, dict) or not me.get("id"):
        raise site.failure(Meaning(Means.TRANSIENT), "no_user")
    if not all(rights.get(right) for right in NEEDED):
        raise NotAllowed(NO_RIGHTS, code="capability", user=login.details.get("user", ""), **site.words)
    return me


def _found(http: Http, base: str) -> tuple[str, str]:
    """The site's address as it is reached, and the way to its interface."""
    for path, way in (("/wp-json/", PATH), ("/?rest_route=/", QUERY)):
        try:
            site, body = read_public(http, base, path)
        except Rejected as error:
            if way == QUERY or error.code != "redirect":
                raise
            continue
        spaces = body.get("namespaces") if isinstance(body, dict) else None
        if isinstance(spaces, list) and "wp/v2" in spaces:
            return site, way
    raise not_one(NAME, base)
