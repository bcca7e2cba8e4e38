"""Against Bluesky's own software: a personal data server, and the view that counts likes, reposts and replies."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from random import Random
from typing import Any

import pytest
import requests
from PIL import Image

from contentdesk.channels.base import Login, LoginExpired, NotThere, Outgoing, Photo, Rejected, Sent, Stats
from contentdesk.channels.kinds.bluesky import Bluesky
from contentdesk.lib import ids
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.sent_photos import photos_sent, video_sent
from tests.real.cutting import CutWire
from tests.servers import wait_until

CHANNEL = Bluesky()
FAMILY = "👨‍👩‍👧‍👦"
PASSWORD = "sandi-utama-1"


@dataclass
class Person:
    """Somebody on the network, who speaks with the server without our connector."""

    pds: str
    handle: str

    def __post_init__(self) -> None:
        account = {"handle": self.handle, "email": f"{self.handle}@latihan.test", "password": PASSWORD}
        self.session = self.ask("com.atproto.server.createAccount", account, token="")
        self.did = self.session["did"]

    def ask(self, name: str, body: Any = None, token: str | None = None) -> dict[str, Any]:
        token = self.session["accessJwt"] if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        reply = requests.post(f"{self.pds}/xrpc/{name}", json=body, headers=headers, timeout=30)
        assert reply.ok, reply.text
        return dict(reply.json()) if reply.content else {}

    def app_password(self) -> str:
        return str(self.ask("com.atproto.server.createAppPassword", {"name": ids.new()[-20:]})["password"])

    def write(self, collection: str, **record: Any) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        made = {"$type": collection, "createdAt": now, **record}
        return self.ask("com.atproto.repo.createRecord", {"repo": self.did, "collection": collection, "record": made})

    def posts(self) -> list[dict[str, Any]]:
        params = {"repo": self.did, "collection": "app.bsky.feed.post", "limit": "100"}
        reply = requests.get(f"{self.pds}/xrpc/com.atproto.repo.listRecords", params=params, timeout=30)
        return list(reply.json()["records"])

    def blob(self, cid: str) -> bytes:
        params = {"did": self.did, "cid": cid}
        return requests.get(f"{self.pds}/xrpc/com.atproto.sync.getBlob", params=params, timeout=30).content


@pytest.fixture
def join(pds: str) -> Callable[[], Person]:
    return lambda: Person(pds, f"k{ids.new()[-14:].lower()}.test")


@pytest.fixture
def kim(join: Callable[[], Person]) -> Person:
    return join()


def login_of(http: Http, person: Person, url: str = "") -> Login:
    answers = {"user": person.handle, "key": person.app_password(), "server": url or person.pds}
    [login] = CHANNEL.sign_in(http, answers)
    return login


def delivery(http: Http, login: Login, later: Later, **more: Any) -> Engine:
    return Engine(http, "bluesky", replace(Outgoing(ids.new(), login, "Pasar ramai", ()), **more), later)


def noisy_photo(size: int) -> Photo:
    """Of exactly so many bytes."""
    picture = Image.frombytes("RGB", (800, 800), Random(1).randbytes(800 * 800 * 3))  # noqa: S311 - not secret
    held = BytesIO()
    picture.save(held, "JPEG", quality=90)
    body = held.getvalue()
    assert len(body) < size
    body += bytes(size - len(body))
    return Photo("", sha256(body).hexdigest(), "Bintik", 800, 800, size, lambda: BytesIO(body))


def test_the_server_is_blueskys(pds: str) -> None:
    version = requests.get(f"{pds}/xrpc/_health", timeout=20).json()["version"]
    print(f"personal data server {version}")
    assert version


def test_an_account_is_connected_and_renewed(http: Http, kim: Person) -> None:
    old = login_of(http, kim)
    assert (old.external_id, old.handle) == (kim.did, kim.handle)
    CHANNEL.check(http, old)
    fresh = CHANNEL.renew(http, None, old)
    assert fresh.refresh_token != old.refresh_token
    assert fresh.expires_at is not None
    CHANNEL.check(http, fresh)


def test_a_wrong_password_and_a_revoked_one_are_told(http: Http, kim: Person) -> None:
    with pytest.raises(LoginExpired):
        CHANNEL.sign_in(http, {"user": kim.handle, "key": "salah-salah", "server": kim.pds})
    made = kim.ask("com.atproto.server.createAppPassword", {"name": "dicabut"})["password"]
    [login] = CHANNEL.sign_in(http, {"user": kim.handle, "key": made, "server": kim.pds})
    kim.ask("com.atproto.server.revokeAppPassword", {"name": "dicabut"})
    with pytest.raises(LoginExpired):
        CHANNEL.renew(http, None, login)


def test_a_text_arrives_with_its_marks(http: Http, kim: Person, join: Callable[[], Person], later: Later) -> None:
    friend = join()
    text = f"{FAMILY} Halo @{friend.handle}, @siapa.test: https://kim.latihan.test/pasar. #PasarMinggu"
    settled = delivery(http, login_of(http, kim), later, text=text).settle()
    [post] = kim.posts()
    assert isinstance(settled, Sent)
    assert (post["uri"], post["value"]["text"]) == (settled.external_id, text)
    raw = text.encode()
    marks = [
        (raw[m["index"]["byteStart"] : m["index"]["byteEnd"]].decode(), m["features"][0])
        for m in post["value"]["facets"]
    ]
    assert [words for words, _ in marks] == [f"@{friend.handle}", "https://kim.latihan.test/pasar", "#PasarMinggu"]
    assert marks[0][1]["did"] == friend.did


def test_photos_arrive_with_their_bytes_and_words(http: Http, kim: Person, later: Later) -> None:
    photos = photos_sent(4)
    assert isinstance(delivery(http, login_of(http, kim), later, photos=photos).settle(), Sent)
    [post] = kim.posts()
    images = post["value"]["embed"]["images"]
    assert [image["alt"] for image in images] == [photo.alt_text for photo in photos]
    found = [sha256(kim.blob(image["image"]["ref"]["$link"])).hexdigest() for image in images]
    assert found == [photo.sha256 for photo in photos]


def test_a_video_lies_on_the_accounts_own_server(http: Http, kim: Person, later: Later) -> None:
    """Whether Bluesky's own host then shows it is not known from here."""
    video = video_sent()
    assert isinstance(delivery(http, login_of(http, kim), later, video=video).settle(), Sent)
    [post] = kim.posts()
    embed = post["value"]["embed"]
    assert (embed["$type"], embed["alt"]) == ("app.bsky.embed.video", video.alt_text)
    assert sha256(kim.blob(embed["video"]["ref"]["$link"])).hexdigest() == video.sha256


def test_our_limits_are_the_servers(http: Http, kim: Person, later: Later) -> None:
    login = login_of(http, kim)
    for text in ("a" * 300, FAMILY * 120):
        assert isinstance(delivery(http, login, later, text=text).settle(), Sent)
    for text in ("a" * 301, FAMILY * 121):
        with pytest.raises(Rejected):
            delivery(http, login, later, text=text).settle()
    assert isinstance(delivery(http, login, later, photos=(noisy_photo(2_000_000),)).settle(), Sent)
    with pytest.raises(Rejected):
        delivery(http, login, later, photos=(noisy_photo(2_000_001),)).settle()
    assert len(kim.posts()) == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_cut_off_call_makes_one_post(http: Http, kim: Person, later: Later, wire: CutWire, when: str) -> None:
    wire.target = kim.pds
    engine = delivery(http, login_of(http, kim, wire.url), later, photos=photos_sent(1))
    wire.cut(when, "putRecord")
    settled = engine.settle()
    assert isinstance(settled, Sent)
    assert [post["uri"] for post in kim.posts()] == [settled.external_id]


def test_writing_twice_is_the_same_post(http: Http, kim: Person, later: Later) -> None:
    engine = delivery(http, login_of(http, kim), later)
    engine.prepare()
    assert CHANNEL.find(http, engine.outgoing, engine.checkpoint, engine.since) == NotThere(engine.checkpoint)
    sent = engine.publish()
    assert engine.publish() == sent == CHANNEL.find(http, engine.outgoing, engine.checkpoint, engine.since)
    assert len(kim.posts()) == 1


def test_the_real_counters_are_read(http: Http, kim: Person, join: Callable[[], Person], later: Later) -> None:
    login = login_of(http, kim)
    settled = delivery(http, login, later).settle()
    assert isinstance(settled, Sent)
    subject = {"uri": settled.external_id, "cid": kim.posts()[0]["cid"]}
    first, second = join(), join()
    for person in (first, second):
        person.write("app.bsky.feed.like", subject=subject)
        person.write("app.bsky.graph.follow", subject=kim.did)
    first.write("app.bsky.feed.repost", subject=subject)
    first.write("app.bsky.feed.post", text="Buka jam berapa?", reply={"root": subject, "parent": subject})
    unknown = settled.external_id[:-1] + ("2" if settled.external_id[-1] != "2" else "3")

    def counted() -> Stats | None:
        measured = CHANNEL.measure(http, login, [settled.external_id, unknown])
        assert set(measured) <= {settled.external_id}
        stats = measured.get(settled.external_id)
        return stats if stats and (stats.likes, stats.shares, stats.comments) == (2, 1, 1) else None

    print(wait_until(counted, 30))
    [comment] = CHANNEL.comments(http, login, settled.external_id).newest
    assert (comment.author, comment.text, comment.by_us) == (first.handle, "Buka jam berapa?", False)
    account = wait_until(lambda: (found := CHANNEL.measure_account(http, login)).followers == 2 and found, 30)
    assert account.posts == 1
