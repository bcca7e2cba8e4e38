"""Servers whose address a person typed or a network named: a blog, a home of a federated network.

`Http` refuses addresses in private networks and follows no redirect. Here that becomes sentences, and every failure
one of the ways to fail. A redirect is followed only while an address is looked for, without any key, and only within
the same site; anything else is told to the person, who may type the other address.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

from contentdesk.channels.base import (
    ChannelError,
    NotAllowed,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from contentdesk.channels.kinds.failing import lasting
from contentdesk.channels.kinds.meta_errors import CERTAIN, UNKNOWN_OUTCOME, Meaning, Means
from contentdesk.channels.kinds.oauth import DISTURBED, PASSES, PRIVATE
from contentdesk.lib import clock
from contentdesk.lib.http import Http, NoAnswer, PrivateAddress, Reply
from contentdesk.lib.i18n import N_

LONGEST_WAIT = timedelta(hours=24)
UPLOAD_TIMEOUT_S = (5.0, 120.0)
MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SELF = frozenset({"127.0.0.1", "localhost", "::1"})
"""This very machine, where plain http is no danger. `Http` goes there in tests only."""
STEPS_BACK = re.compile(r"(^|/)(\.|%2e){1,2}(/|$)", re.IGNORECASE)
HOST = re.compile(r"[\w-]+(\.[\w-]+)+|localhost|[0-9a-f:]*:[0-9a-f:]*", re.IGNORECASE)

WRONG_ADDRESS = N_("Alamat ini tidak bisa dibaca. Tulis seperti contoh: %(example)s.")
NOT_HTTPS = N_("Alamatnya harus diawali https://, supaya kata sandi tidak terbaca orang lain. Periksa alamatnya.")
ELSEWHERE = N_("%(server)s mengalihkan ke %(found)s. Kalau itu memang milik Anda, tulis alamat itu.")
UNREACHED = N_("%(server)s tidak bisa dihubungi. Periksa alamatnya, lalu coba lagi nanti.")
NOT_ONE = N_("%(server)s tidak menjawab seperti %(platform)s. Periksa alamatnya, lalu coba lagi.")
NOT_SERVED = Meaning(
    Means.PERMISSION,
    N_("%(platform)s di %(handle)s tidak menjawab seperti biasanya. Minta pengelolanya memeriksa alamat dan izinnya."),
)

WALL = Meaning(Means.TRANSIENT, NOT_SERVED.sentence, timedelta(minutes=15))
"""Forbidden without a word of the platform's own: a guard before the server takes us for a machine. It passes."""

BY_STATUS: Mapping[int, Meaning] = MappingProxyType(
    {
        403: Meaning(Means.PERMISSION),
        429: Meaning(Means.LIMIT),
        **{status: Meaning(Means.CONTENT) for status in (400, 413, 415, 422)},
        **dict.fromkeys((404, 405, 410, *REDIRECTS), NOT_SERVED),
    }
)


TOLD = "told"
"""In place of a word, where a platform tells its errors as a text alone: the answer is its own, no more."""


@dataclass(frozen=True)
class Habits:
    """How a platform says what went wrong: the word in its error, and what some words mean."""

    platform: str
    word: Callable[[Any], str]
    words: Mapping[str, Meaning] = field(default_factory=dict)


class Server:
    """One account on one server. Raises nothing but ChannelError."""

    def __init__(self, http: Http, habits: Habits, base: str, handle: str, headers: Mapping[str, str]) -> None:
        self._http, self._habits, self._headers = http, habits, headers
        self.base = base
        self.words = {"platform": habits.platform, "handle": handle or host_of(base)}

    def call(
        self,
        method: str,
        url: str,
        *,
        once: bool = False,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        data: bytes | BinaryIO | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes | BinaryIO, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        also: Collection[str] = (),
    ) -> Reply:
        """A good answer, in JSON; also a refusal with one of the words `also`.

        `once`: the irreversible call, where whatever leaves it open is OutcomeUnknown.
        """
        sent = {"params": params, "body": body, "data": data, "form": form, "files": files}
        headers = {**self._headers, **(headers or {})}
        try:
            reply = self._http.call(method, url, headers=headers, timeout_s=UPLOAD_TIMEOUT_S, **sent)
        except NoAnswer as error:
            if once and error.reached:
                raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_answer") from None
            raise self.failure(Meaning(Means.TRANSIENT), "no_answer") from None
        except PrivateAddress:
            raise NotAllowed(PRIVATE, code="private_address") from None
        good = 200 <= reply.status < 300 and isinstance(reply.json(), dict | list)
        if good or (also and self._habits.word(reply.json()) in also):
            return reply
        raise self._refused(reply, once)

    def failure(self, found: Meaning, code: str, wait: timedelta | None = None) -> ChannelError:
        """The meaning of an answer as the error that says it."""
        passes = TryLater(found.words, after=wait or found.after, code=code, **self.words)
        return lasting(found, code, self.words) or passes

    def _refused(self, reply: Reply, once: bool) -> ChannelError:
        word = self._habits.word(reply.json())
        code = word if word and word != TOLD else f"http_{reply.status}"
        found = self._meaning(reply.status, word)
        if once and not self._certain(reply.status, word, found):
            return OutcomeUnknown(UNKNOWN_OUTCOME, code=code)
        return self.failure(found, code, asked_wait(reply) if found.means is Means.LIMIT else None)

    def _meaning(self, status: int, word: str) -> Meaning:
        if status == 401:
            return Meaning(Means.LOGIN)
        if status == 403 and not word:
            return WALL
        return self._habits.words.get(word) or BY_STATUS.get(status) or _otherwise(status)

    def _certain(self, status: int, word: str, found: Meaning) -> bool:
        """Whether the irreversible call certainly did nothing. A page of something in between proves little."""
        if status in (401, 429):
            return True
        known = word in self._habits.words or status in BY_STATUS
        return 400 <= status < 500 and bool(word) and known and found.means in CERTAIN


def _otherwise(status: int) -> Meaning:
    """A page in place of data, a fault inside: both pass. Any other refusal is about what was sent."""
    return Meaning(Means.CONTENT if 400 <= status < 500 and status not in PASSES else Means.TRANSIENT)


def header(reply: Reply, name: str) -> str:
    return next((value for key, value in reply.headers.items() if key.lower() == name.lower()), "")


def asked_wait(reply: Reply) -> timedelta | None:
    """How long the server wants to be left alone: `Retry-After`, or the moment at which its limit ends."""
    for name in ("Retry-After", "RateLimit-Reset", "X-RateLimit-Reset"):
        wait = _wait(header(reply, name))
        if wait is not None and wait > timedelta(0):
            return min(wait, LONGEST_WAIT)
    return None


def _wait(text: str) -> timedelta | None:
    """Seconds, seconds since 1970, a moment as in mails, or an ISO one."""
    if re.fullmatch(r"[0-9]{1,18}", text):
        seconds = int(text)
        return timedelta(seconds=seconds) if seconds < 10**8 else _until(datetime.fromtimestamp(seconds % 10**11, UTC))
    try:
        return _until(datetime.fromisoformat(text) if "T" in text[:11] else parsedate_to_datetime(text))
    except ValueError:
        return None


def _until(moment: datetime) -> timedelta | None:
    return moment - clock.now() if moment.tzinfo else None


def moment(text: Any, zone: tzinfo | None = None) -> datetime | None:
    """An ISO time of a platform's; `zone` is for those that leave it out. None for anything else."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=zone)
    return found if found.tzinfo else None


def typed_address(typed: str, example: str) -> str:
    """`https://host[:port][/path]` of what a person typed, without a slash at its end. Raises Rejected."""
    typed = typed.strip()
    parts = parts_of(typed if "://" in typed else f"https://{typed}")
    if parts is None:
        raise Rejected(WRONG_ADDRESS, code="address", example=example)
    if not is_safe(parts):
        raise Rejected(NOT_HTTPS, code="not_https")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def parts_of(address: str) -> SplitResult | None:
    """None for what is no web address, hides a name and a password, or leads elsewhere than it looks."""
    try:
        parts = urlsplit(address)
        usable = parts.port != 0 and HOST.fullmatch(parts.hostname or "") is not None
    except ValueError:
        return None
    if not usable or "@" in parts.netloc or parts.scheme not in ("http", "https") or re.search(r"[\s\\]", address):
        return None
    return None if STEPS_BACK.search(parts.path) else parts


def is_safe(parts: SplitResult) -> bool:
    return parts.scheme == "https" or (parts.hostname or "") in SELF


def host_of(address: str) -> str:
    """Host with its path, as people say it."""
    return address.partition("://")[2]


def read_public(http: Http, base: str, path: str) -> tuple[str, Any]:
    """What `base` answers under `path` to anybody, with the address it moved to within the same site.

    The data is None when there is none. Raises Rejected for an address that must not be spoken to, TryLater.
    """
    for _ in range(MOST_REDIRECTS):
        reply = _asked(http, base + path)
        if reply.status not in REDIRECTS:
            return base, reply.json() if reply.status == 200 else None
        base = _moved(base, path, header(reply, "Location"))
    return base, None


def _asked(http: Http, url: str) -> Reply:
    try:
        return http.call("GET", url, headers={"Accept": "application/json"})
    except PrivateAddress:
        raise Rejected(PRIVATE, code="private_address") from None
    except NoAnswer:
        raise TryLater(UNREACHED, after=timedelta(minutes=1), code="no_answer", server=urlsplit(url).hostname) from None


def _moved(base: str, path: str, location: str) -> str:
    parts = parts_of(urljoin(base + path, location))
    old = urlsplit(base)
    if parts is None or not location:
        raise Rejected(ELSEWHERE, code="redirect", server=host_of(base), found="?")
    if _bare(parts) != _bare(old):
        raise Rejected(ELSEWHERE, code="redirect", server=host_of(base), found=parts.hostname)
    if not is_safe(parts):
        raise Rejected(NOT_HTTPS, code="not_https")
    kept = parts.path.removesuffix(path.partition("?")[0]) if parts.path.endswith(path.partition("?")[0]) else old.path
    return f"{parts.scheme}://{parts.netloc}{kept.rstrip('/')}"


def _bare(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.")


@contextmanager
def connecting() -> Iterator[None]:
    """While a person waits, nobody tries again by itself: what passes says so."""
    try:
        yield
    except TryLater as error:
        sentence = UNREACHED if "server" in error.values else DISTURBED
        raise TryLater(sentence, after=error.after, code=error.code, **error.values) from None


def not_one(platform: str, base: str) -> Rejected:
    return Rejected(NOT_ONE, code="not_one", platform=platform, server=host_of(base))
