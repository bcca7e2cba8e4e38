"""HTTP to the outside: time-outs, no private addresses, no secrets in exceptions, a platform stand-in.

With `platform_base_url` set, host H is reached as `<base>/H/…`, so that any implementation can take the
platforms' place. Only that base may then lie on a private address.
"""

import ipaddress
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3

TIMEOUT_S = (5.0, 30.0)
MAX_REPLY_BYTES = 5_000_000
USER_AGENT = "ContentDesk/0.1 (+KIM)"


class PrivateAddress(Exception):
    """The address leads into a private network; it is not fetched."""


class NoAnswer(Exception):
    """The call may or may not have reached the other side. Says no address and no parameter."""

    def __init__(self, reason: str, *, reached: bool) -> None:
        super().__init__(reason)
        self.reached = reached


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, or None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Http:
    """One session for one worker. `may_be_private` is for trusted addresses from the settings only."""

    def __init__(self, platform_base_url: str = "", *, may_be_private: bool = False) -> None:
        self._base = platform_base_url.rstrip("/")
        self._may_be_private = may_be_private
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = USER_AGENT

    def address(self, url: str) -> str:
        """Where `url` is really fetched."""
        if not self._base:
            return url
        parts = urlsplit(url)
        return f"{self._base}/{parts.netloc}{urlunsplit(('', '', parts.path, parts.query, ''))}"

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: tuple[float, float] = TIMEOUT_S,
    ) -> Reply:
        """One call, no redirects followed. Raises NoAnswer or PrivateAddress."""
        if not self._base and not self._may_be_private:
            refuse_private(url)
        try:
            with self._session.request(
                method,
                self.address(url),
                params=params,
                data=form,
                json=body,
                headers=headers,
                timeout=timeout_s,
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = answer.raw.read(MAX_REPLY_BYTES, decode_content=True)
                return Reply(answer.status_code, dict(answer.headers), content)
        except requests.ConnectTimeout:
            raise NoAnswer("connect timeout", reached=False) from None
        except requests.ConnectionError as error:
            raise NoAnswer("connection error", reached=not _never_connected(error)) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise NoAnswer(type(error).__name__, reached=True) from None


def _never_connected(error: requests.ConnectionError) -> bool:
    """Whether the connection was refused outright, so that nothing can have arrived."""
    text = repr(error)
    return "NewConnectionError" in text or "NameResolutionError" in text


def refuse_private(url: str) -> None:
    """Raises PrivateAddress unless every address of the host is a public one."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PrivateAddress("not a web address")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NoAnswer("name not found", reached=False) from error
    for *_rest, place in found:
        if not ipaddress.ip_address(str(place[0]).split("%")[0]).is_global:
            raise PrivateAddress("an address in a private network")
