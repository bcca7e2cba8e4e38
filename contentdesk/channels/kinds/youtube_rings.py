"""Rings of new and changed videos by WebSub: a question with a challenge, and a feed with a signature.

The feed says little and is believed in nothing: two ids are taken from it. What is not answered comes again byte for
byte. The signature has no time, but each feed and each entry says when it was updated (RFC 4287 demands it), and that
is signed: a feed with nothing from the last two days is refused.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from contentdesk.channels.abilities import Event, Subscribed
from contentdesk.channels.base import AppKeys, Login, TryLater
from contentdesk.channels.kinds.youtube_api import PLATFORM
from contentdesk.channels.kinds.youtube_errors import SENTENCES, Means
from contentdesk.lib.http import Http, NoAnswer, PrivateAddress

TOPIC = re.compile(r"https://www\.youtube\.com/(xml/)?feeds/videos\.xml\?channel_id=UC[\w-]{22}")
_VIDEO = re.compile(rb"<yt:videoId>([\w-]{5,20})</yt:videoId>")
_CHANNEL = re.compile(rb"<yt:channelId>(UC[\w-]{22})</yt:channelId>")
_UPDATED = re.compile(rb"<(?:\w+:)?updated>\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)\s*</")
MOST_ENTRIES = 100
OLDEST = timedelta(hours=48)
HUB = "https://pubsubhubbub.appspot.com/subscribe"
TOPIC_OF = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="
LEASE = timedelta(days=5)
"""What we wish for; the hub's question says what it gives."""
A_WHILE = timedelta(hours=1)


def hub_key(secret: str) -> str:
    """What the hub is told for signing, made from the app's secret, so that the secret itself goes nowhere."""
    return hmac.new(secret.encode(), b"hub.secret", hashlib.sha256).hexdigest()[:40]


def verify_token(secret: str) -> str:
    """What the hub is told besides and shows again when it asks: without it anybody could end a subscription.

    Another one than the key: it stands in an address, and so in the logs of whatever stands in between.
    """
    return hmac.new(secret.encode(), b"hub.verify_token", hashlib.sha256).hexdigest()[:40]


def handshake(secret: str, query: Mapping[str, str]) -> str | None:
    """The challenge, for a feed of a channel, when the question carries our `verify_token`."""
    key, token = verify_token(secret), query.get("hub.verify_token", "")
    known = query.get("hub.mode") in ("subscribe", "unsubscribe") and TOPIC.fullmatch(query.get("hub.topic", ""))
    if not known or not hmac.compare_digest(token.encode(), key.encode()):
        return None
    return query.get("hub.challenge") or None


def subscribe(http: Http, app: AppKeys, login: Login, callback: str, mode: str = "subscribe") -> Subscribed:
    """The hub takes the wish and asks the address afterwards. It knows no login."""
    wish = {
        "mode": mode,
        "topic": TOPIC_OF + login.external_id,
        "callback": callback,
        "verify": "async",
        "lease_seconds": str(int(LEASE.total_seconds())),
        "secret": hub_key(app.client_secret),
        "verify_token": verify_token(app.client_secret),
    }
    try:
        reply = http.call("POST", HUB, form={f"hub.{name}": value for name, value in wish.items()})
    except (NoAnswer, PrivateAddress):
        raise _disturbed("no_answer", login) from None
    if not 200 <= reply.status < 300:
        raise _disturbed(f"http_{reply.status}", login)
    return Subscribed(LEASE, asks_back=True)


def _disturbed(code: str, login: Login) -> TryLater:
    return TryLater(SENTENCES[Means.TRANSIENT], after=A_WHILE, code=code, platform=PLATFORM, handle=login.handle)


def confirmed(query: Mapping[str, str]) -> tuple[str, timedelta] | None:
    lease = query.get("hub.lease_seconds", "")
    if query.get("hub.mode") != "subscribe" or not re.fullmatch(r"[1-9][0-9]{0,8}", lease):
        return None
    return query.get("hub.topic", "").rpartition("=")[2], timedelta(seconds=int(lease))


def events(secret: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> Sequence[Event] | None:
    signature = {name.lower(): value for name, value in headers.items()}.get("x-hub-signature", "")
    good = "sha1=" + hmac.new(hub_key(secret).encode(), raw, hashlib.sha1).hexdigest()
    if not secret or not hmac.compare_digest(signature.encode(), good.encode()):
        return None
    entries = re.findall(rb"<entry>.*?</entry>", raw, re.DOTALL)[:MOST_ENTRIES]
    found = ((_CHANNEL.search(entry), _VIDEO.search(entry)) for entry in entries)
    events = [Event(channel[1].decode(), video[1].decode()) for channel, video in found if channel and video]
    return events if not events or _newest(raw) > now - OLDEST else None


def _newest(raw: bytes) -> datetime:
    """When anything in the feed was updated last."""
    moments = [_moment(f"{moment.decode()}{zone.decode()}") for moment, zone in _UPDATED.findall(raw)]
    return max(moments, default=datetime.fromtimestamp(0, UTC))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
