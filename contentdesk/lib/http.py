"""HTTP to the outside: time-outs, no private addresses, no secrets in exceptions, a platform stand-in.

With `platform_base_url` set, host H is reached as `<base>/H/…`, so that any implementation can take the
platforms' place. Only that base may then lie on a private address.
"""

import copy
import ipaddress
import json
import logging
import os
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from time import monotonic
from types import MappingProxyType
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit, urlunsplit

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, LocationValueError, NewConnectionError, URLSchemeUnknown
from urllib3.filepost import encode_multipart_formdata

TIMEOUT_S = (5.0, 30.0)
AT_ONCE = 256
"""Connections to one host that are kept open for the next call."""
HOSTS = 64
"""Hosts to which connections are kept open."""
MAX_REPLY_BYTES = 5_000_000
PIECE_BYTES = 65_536
LONGEST_BODY_S = 60.0
"""A server that sends one byte now and then would hold a worker for days."""
USER_AGENT = "ContentDesk/0.1 (+KIM)"
_ALWAYS = MappingProxyType({"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"})

Parts = Mapping[str, tuple[str, bytes | BinaryIO, str]]

# On its most talkative level the library writes down each address, and some platforms want their key in it.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


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
        """The body as JSON, or None when it is none. Its texts are such that a database takes them."""
        try:
            return _storable(json.loads(self.body))
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Heard:
    """What became of a call. `reply` None: there was no answer."""

    method: str
    url: str
    reply: Reply | None


def _storable(value: Any) -> Any:
    """Without NUL, and with a question mark for half a sign: a text that a platform cut may end in one."""
    match value:
        case str():
            return value.encode(errors="replace").decode().replace("\x00", "")
        case list():
            return [_storable(one) for one in value]
        case dict():
            return {_storable(name): _storable(one) for name, one in value.items()}
        case _:
            return value


class Http:
    """One set of connections for a process: its threads and accounts share them and nothing else.

    Nothing keeps a cookie, so that one account is never taken for another. `may_be_private` is for trusted
    addresses from the settings only.
    """

    def __init__(self, platform_base_url: str = "", *, may_be_private: bool = False) -> None:
        self._base = platform_base_url.rstrip("/")
        self._may_be_private = may_be_private
        self._pools = urllib3.PoolManager(HOSTS, maxsize=AT_ONCE, ssl_context=_trusted())
        if not self._base and not may_be_private:
            self._pools.pool_classes_by_scheme = {"http": _PublicHTTPPool, "https": _PublicHTTPSPool}
        self._hear: Callable[[Heard], None] | None = None

    def observed(self, hear: Callable[[Heard], None]) -> "Http":
        """The same connections; `hear` is told of each call made through what is returned, and must not raise."""
        view = copy.copy(self)
        view._hear = hear
        return view

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
        data: bytes | BinaryIO | None = None,
        files: Parts | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: tuple[float, float] = TIMEOUT_S,
    ) -> Reply:
        """One call, no redirects followed. Raises NoAnswer or PrivateAddress.

        `body` is sent as JSON, `data` as it is (an open file is streamed), `files` as parts of a form: (name, content,
        media type) by field.
        """
        if not self._base and not self._may_be_private:
            refuse_private(url)
        address = self.address(url)
        if params:
            address += f"{'&' if '?' in address else '?'}{urlencode(params)}"
        content, kind = _content(form, body, data, files)
        try:
            reply = self._answered(method, address, content, {**_ALWAYS, **kind, **(headers or {})}, timeout_s)
        except NoAnswer:
            self._tell(Heard(method, url, None))
            raise
        self._tell(Heard(method, url, reply))
        return reply

    def _tell(self, heard: Heard) -> None:
        if self._hear is not None:
            self._hear(heard)

    def _answered(
        self, method: str, address: str, content: Any, headers: Mapping[str, str], timeout_s: tuple[float, float]
    ) -> Reply:
        timeout = urllib3.Timeout(connect=timeout_s[0], read=timeout_s[1])
        ways: dict[str, Any] = {"redirect": False, "retries": False, "preload_content": False, "timeout": timeout}
        try:
            with self._pools.urlopen(method, address, body=content, headers=headers, **ways) as answer:
                return Reply(answer.status, dict(answer.headers), _body(answer))
        except ConnectTimeoutError as error:  # of which a refused connection is one kind
            reason = "connection error" if isinstance(error, NewConnectionError) else "connect timeout"
            raise NoAnswer(reason, reached=False) from None
        except (LocationValueError, URLSchemeUnknown):
            raise NoAnswer("not a web address", reached=False) from None
        except ValueError:  # such as a line end in a key: the error would tell it
            raise NoAnswer("not a call", reached=True) from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NoAnswer(type(error).__name__, reached=True) from None


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the certificates takes longer than a call, so it is done once."""
    return ssl.create_default_context(cafile=certifi.where())


def _content(
    form: Mapping[str, str] | None, body: Any, data: bytes | BinaryIO | None, files: Parts | None
) -> tuple[Any, dict[str, str]]:
    """What is sent, and the headers that say what it is."""
    if files:
        parts = {name: (file, _whole(content), kind) for name, (file, content, kind) in files.items()}
        sent, kind = encode_multipart_formdata({**(form or {}), **parts})
        return sent, {"Content-Type": kind}
    if data is not None:
        return data, {} if isinstance(data, bytes) else {"Content-Length": str(_rest(data))}
    if form is not None:
        return urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}
    if body is not None:
        return json.dumps(body).encode(), {"Content-Type": "application/json"}
    return None, {}


def _whole(content: bytes | BinaryIO) -> bytes:
    return content if isinstance(content, bytes) else content.read()


def _rest(file: BinaryIO) -> int:
    """Bytes from here to the end."""
    here = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(here)
    return end - here


def _body(raw: urllib3.BaseHTTPResponse) -> bytes:
    """As much as we take. Raises NoAnswer: the time-outs of the line begin anew with each byte."""
    content, until = bytearray(), monotonic() + LONGEST_BODY_S
    while len(content) < MAX_REPLY_BYTES and (piece := raw.read1(PIECE_BYTES, decode_content=True)):
        content += piece
        if monotonic() > until:
            raise NoAnswer("too slow", reached=True)
    return bytes(content[:MAX_REPLY_BYTES])


def refuse_private(url: str) -> None:
    """Raises PrivateAddress unless every address of the host is a public one.

    A name may lead elsewhere a moment later: `Http` asks again about the very address it is connected to.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PrivateAddress("not a web address")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NoAnswer("name not found", reached=False) from error
    for *_rest, place in found:
        _refuse_private_place(str(place[0]))


def _refuse_private_place(place: str) -> None:
    address = ipaddress.ip_address(place.split("%")[0])
    if not (getattr(address, "ipv4_mapped", None) or address).is_global:
        raise PrivateAddress("an address in a private network")


def _public_only(connected: socket.socket) -> socket.socket:
    """Before a byte is sent: whatever the name meant when it was checked, this is where it leads."""
    try:
        _refuse_private_place(str(connected.getpeername()[0]))
    except BaseException:
        connected.close()
        raise
    return connected


# urllib3 has no public place for this. Should a version of it call `_new_conn` no more, a test says so.
class _PublicHTTPConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _public_only(super()._new_conn())


class _PublicHTTPSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _public_only(super()._new_conn())


class _PublicHTTPPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTPConnection


class _PublicHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPSConnection
