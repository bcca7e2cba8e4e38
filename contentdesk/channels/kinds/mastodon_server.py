"""Speaks with one server of Mastodon's network: its app, signing in.

A server tells its errors as a text in its own language, which is never read; the status alone counts.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, BinaryIO
from urllib.parse import urlencode

from contentdesk.channels.base import AppKeys, Login
from contentdesk.channels.kinds.meta_errors import Meaning, Means
from contentdesk.channels.kinds.oauth import OAuth
from contentdesk.channels.kinds.servers import TOLD, Habits, Server, host_of, not_one, read_public, typed_address
from contentdesk.lib.http import Http, Reply
from contentdesk.lib.i18n import N_

NAME = "Mastodon"
EXAMPLE = "https://mastodon.social"
APP_NAME = "ContentDesk"
SCOPES = ("read:accounts", "read:statuses", "write:statuses", "write:media")
SCOPE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "read:accounts": N_("melihat akun Mastodon"),
        "read:statuses": N_("membaca unggahan Mastodon"),
        "write:statuses": N_("menerbitkan di Mastodon"),
        "write:media": N_("mengunggah foto dan video ke Mastodon"),
    }
)
INSTANCES = ("/api/v2/instance", "/api/v1/instance")


def _word(body: Any) -> str:
    return TOLD if isinstance(body, dict) and isinstance(body.get("error"), str) else ""


HABITS = Habits(NAME, _word)


class Home:
    """One account on its server. Raises nothing but ChannelError."""

    def __init__(self, http: Http, login: Login) -> None:
        headers = {"Authorization": f"Bearer {login.token}"} if login.token else {}
        self._server = Server(http, HABITS, login.details.get("server", ""), login.handle, headers)
        self.account = login.details.get("account", "")
        self.words, self.failure = self._server.words, self._server.failure

    def get(self, path: str, *params: tuple[str, str]) -> Any:
        """A parameter may stand there several times."""
        return self.read(path, *params).json()

    def read(self, path: str, *params: tuple[str, str]) -> Reply:
        return self._server.call("GET", self._at(path) + (f"?{urlencode(params)}" if params else ""))

    def post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        return row(self._server.call("POST", self._at(path), form=form).json())

    def post_once(self, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        """The irreversible call: with the same key within the hour the server answers with the same post."""
        headers = {"Idempotency-Key": key}
        return row(self._server.call("POST", self._at(path), body=body, headers=headers, once=True).json())

    def upload(self, file: BinaryIO, name: str, media_type: str, description: str) -> dict[str, Any]:
        files = {"file": (name, file, media_type)}
        form = {"description": description} if description else None
        return row(self._server.call("POST", self._at("v2/media"), form=form, files=files).json())

    def _at(self, path: str) -> str:
        return f"{self._server.base}/api/{path}"


def row(body: Any) -> dict[str, Any]:
    return body if isinstance(body, dict) else {}


def rows(body: Any) -> list[dict[str, Any]]:
    return [one for one in body if isinstance(one, dict)] if isinstance(body, list) else []


def found(http: Http, typed: str) -> str:
    """The address of the server a person means. Raises Rejected, TryLater."""
    base = typed_address(typed, EXAMPLE)
    for path in INSTANCES:
        server, about = read_public(http, base, path)
        if row(about).get("domain") or row(about).get("uri"):
            return server
    raise not_one(NAME, base)


def register(http: Http, server: str, redirect_uri: str) -> AppKeys:
    """Our app at this server: each has its own, and anybody may make one."""
    home = Home(http, Login("", "", details={"server": server}))
    form = {"client_name": APP_NAME, "redirect_uris": redirect_uri, "scopes": " ".join(SCOPES)}
    made = home.post("v1/apps", form)
    if not made.get("client_id") or not made.get("client_secret"):
        raise home.failure(Meaning(Means.TRANSIENT), "no_app")
    return AppKeys(str(made["client_id"]), str(made["client_secret"]))


def door(server: str) -> OAuth:
    return OAuth(NAME, f"{server}/oauth/authorize", f"{server}/oauth/token", SCOPES, names=SCOPE_NAMES)


def who(http: Http, server: str, token: str, scopes: tuple[str, ...]) -> Login:
    home = Home(http, Login("", host_of(server), token, details={"server": server}))
    me = row(home.get("v1/accounts/verify_credentials"))
    if not me.get("id") or not me.get("username"):
        raise home.failure(Meaning(Means.TRANSIENT), "no_account")
    handle = f"{me['username']}@{host_of(server)}"
    details = {"server": server, "account": str(me["id"])}
    return Login(f"{host_of(server)}#{me['id']}", handle, token, details=details, scopes=scopes)
