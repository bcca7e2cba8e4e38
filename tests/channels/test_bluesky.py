"""Bluesky: what its contract with us has besides the common one."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests

from contentdesk.channels.base import (
    Login,
    LoginExpired,
    NotAllowed,
    NotThere,
    Outgoing,
    PartOf,
    Rejected,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds import bluesky_text
from contentdesk.channels.kinds.bluesky import POST, Bluesky
from contentdesk.channels.rules import check
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.scripted import HTML, Answer, ScriptedPlatform
from tests.channels.sent_photos import photos_sent
from tests.servers import SandboxProcess

CHANNEL = Bluesky()
FAMILY = "👨‍👩‍👧‍👦"


def answers(account: dict[str, Any]) -> dict[str, str]:
    return {"user": account["username"], "key": account["password"], "server": ""}


def signed_in(sandbox: SandboxProcess, username: str = "kim.latihan.test") -> Login:
    [login] = CHANNEL.sign_in(Http(sandbox.url), answers(sandbox.account(username, platform="bluesky")))
    return login


def delivery(sandbox: SandboxProcess, later: Later, **more: Any) -> Engine:
    login = more.pop("login", None) or signed_in(sandbox)
    outgoing = replace(Outgoing("d1", login, "Pasar ramai", ()), **more)
    return Engine(Http(sandbox.url), "bluesky", outgoing, later)


def record(sandbox: SandboxProcess, uri: str) -> dict[str, Any]:
    did, collection, key = uri.removeprefix("at://").split("/")
    params = {"repo": did, "collection": collection, "rkey": key}
    url = f"{sandbox.url}/pds.latihan.test/xrpc/com.atproto.repo.getRecord"
    return dict(requests.get(url, params=params, timeout=10).json()["value"])


def test_signing_in_finds_the_server_where_the_account_lives(sandbox: SandboxProcess) -> None:
    login = signed_in(sandbox)
    assert (login.handle, login.details["pds"]) == ("kim.latihan.test", "https://pds.latihan.test")
    assert login.external_id.startswith("did:plc:")
    assert login.refresh_token
    assert login.expires_at is not None
    assert timedelta(hours=1.9) < login.expires_at - clock.now() <= timedelta(hours=2)
    assert login.refresh_expires_at is not None
    assert login.refresh_expires_at - clock.now() > timedelta(days=89)


def test_a_wrong_password_says_where_to_make_one(sandbox: SandboxProcess) -> None:
    account = sandbox.account("kim.latihan.test", platform="bluesky") | {"password": "salah-salah"}
    with pytest.raises(LoginExpired) as told:
        CHANNEL.sign_in(Http(sandbox.url), answers(account))
    assert "salah-salah" not in f"{told.value} {told.value.values}"


@pytest.mark.parametrize("server", ["https://10.1.2.3", "http://localhost:2583", "https://127.0.0.1", "ftp://a.id"])
def test_a_server_in_a_private_network_is_refused_with_a_sentence(server: str) -> None:
    with pytest.raises(Rejected) as told:
        CHANNEL.sign_in(Http(), {"user": "kim", "key": "x", "server": server})
    assert told.value.sentence


def test_a_server_that_is_no_pds_is_told_before_the_password_leaves(scripted: ScriptedPlatform) -> None:
    scripted.on("GET", "", HTML)
    with pytest.raises(Rejected):
        CHANNEL.sign_in(Http(scripted.url), {"user": "kim", "key": "x", "server": "toko.latihan.test"})
    assert scripted.count("POST", "") == 0


def test_a_home_in_a_private_network_is_not_spoken_to() -> None:
    """A server may name any place as the account's home."""
    login = Login("did:plc:a", "kim", "t", details={"pds": "https://10.9.8.7"})
    with pytest.raises(NotAllowed):
        CHANNEL.check(Http(), login)


@pytest.mark.parametrize("place", ["http://10.0.0.1", "https://a:b@c.id", "file:///etc", ""])
def test_an_unsafe_home_is_not_believed(scripted: ScriptedPlatform, place: str) -> None:
    scripted.on("GET", "describeServer", Answer({"availableUserDomains": []}))
    service = [{"id": "#atproto_pds", "serviceEndpoint": place}]
    session = {"did": "did:plc:a", "handle": "kim", "accessJwt": "a", "refreshJwt": "b", "didDoc": {"service": service}}
    scripted.on("POST", "createSession", Answer(session))
    [login] = CHANNEL.sign_in(Http(scripted.url), {"user": "kim", "key": "x", "server": "pds.latihan.test"})
    assert login.details["pds"] == "https://pds.latihan.test"


def test_a_session_is_renewed_and_the_old_key_is_over(sandbox: SandboxProcess) -> None:
    http, old = Http(sandbox.url), signed_in(sandbox)
    fresh = CHANNEL.renew(http, None, old)
    assert fresh.external_id == old.external_id
    assert {fresh.token, fresh.refresh_token}.isdisjoint({old.token, old.refresh_token})
    CHANNEL.check(http, fresh)
    with pytest.raises(LoginExpired):
        CHANNEL.renew(http, None, old)


@pytest.mark.parametrize("fault", ["drop_before", "5xx", "not_json"])
def test_a_blip_while_renewing_disconnects_nobody(sandbox: SandboxProcess, fault: str) -> None:
    login = signed_in(sandbox)
    sandbox.admin("faults", {"fault": fault, "path_regex": "refreshSession$"})
    with pytest.raises(TryLater):
        CHANNEL.renew(Http(sandbox.url), None, login)


def test_a_session_that_ended_is_told_as_such(sandbox: SandboxProcess) -> None:
    login = signed_in(sandbox)
    sandbox.admin("clock", {"offset_s": 3 * 3600})
    with pytest.raises(LoginExpired) as told:
        CHANNEL.check(Http(sandbox.url), login)
    assert told.value.code == "ExpiredToken"


@pytest.mark.parametrize(("status", "said"), [("deactivated", "atau pindah"), ("takendown", "tidak memberi izin")])
def test_a_session_of_an_account_that_is_off_says_whether_it_left(
    scripted: ScriptedPlatform, status: str, said: str
) -> None:
    scripted.on("GET", "getSession", Answer({"did": "did:plc:a", "active": False, "status": status}))
    login = Login("did:plc:a", "kim", "t", details={"pds": "https://pds.latihan.test"})
    with pytest.raises(NotAllowed) as told:
        CHANNEL.check(Http(scripted.url), login)
    assert said in told.value.sentence


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("", 0), ("kim", 3), (FAMILY, 3), ("é", 1), ("a" * 300, 300), (FAMILY * 120, 300), ("🇮🇩", 1), ("ꦲ" * 10, 10)],
)
def test_a_text_is_counted_as_the_platform_does(text: str, wanted: int) -> None:
    assert bluesky_text.length(text) == wanted


def test_the_limit_of_bytes_counts_too() -> None:
    assert [problem.code for problem in check(POST, FAMILY * 121, 0, [])] == ["text_too_long"]


def test_marks_are_placed_by_bytes() -> None:
    text = f"{FAMILY} Halo @kim.test, lihat (https://a.id/x?y=1). surat@kim.test #Pasar! #123 #cilok"
    marks = bluesky_text.facets(text, {"kim.test": "did:plc:a"})
    raw = text.encode()
    told = [(raw[m["index"]["byteStart"] : m["index"]["byteEnd"]].decode(), m["features"][0]) for m in marks]
    assert [(words, feature["$type"].rpartition("#")[2]) for words, feature in told] == [
        ("@kim.test", "mention"),
        ("https://a.id/x?y=1", "link"),
        ("#Pasar", "tag"),
        ("#cilok", "tag"),
    ]
    assert told[0][1]["did"] == "did:plc:a"
    assert told[2][1]["tag"] == "Pasar"


def test_who_is_mentioned_is_looked_up_once_and_a_stranger_stays_plain(sandbox: SandboxProcess, later: Later) -> None:
    sandbox.account("warga.latihan.test", platform="bluesky")
    engine = delivery(sandbox, later, text="@warga.latihan.test dan @siapa.latihan.test, @warga.latihan.test")
    settled = engine.settle()
    assert isinstance(settled, Sent)
    kinds = [mark["features"][0]["$type"] for mark in record(sandbox, settled.external_id)["facets"]]
    assert kinds == ["app.bsky.richtext.facet#mention"] * 2
    assert len(sandbox.calls("resolveHandle$")) == 2


def test_photos_carry_their_shape_and_their_words(sandbox: SandboxProcess, later: Later) -> None:
    settled = delivery(sandbox, later, photos=photos_sent(2)).settle()
    assert isinstance(settled, Sent)
    images = record(sandbox, settled.external_id)["embed"]["images"]
    assert [(image["alt"], image["aspectRatio"]) for image in images] == [
        (f"Foto ke-{n}", {"width": 400, "height": 500}) for n in (1, 2)
    ]


def test_uploads_that_lay_about_too_long_are_made_again(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later, photos=photos_sent(1))
    engine.prepare()
    key = engine.checkpoint["rkey"]
    later(timedelta(hours=2))
    sandbox.admin("clock", {"offset_s": 2 * 3600})
    engine.outgoing = replace(engine.outgoing, login=CHANNEL.renew(engine.http, None, engine.outgoing.login))
    assert isinstance(engine.settle(), Sent)
    assert engine.checkpoint["rkey"] == key
    assert len(sandbox.calls("uploadBlob$")) == 2


def test_writing_the_same_again_is_the_same_post(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    engine.prepare()
    assert engine.publish() == engine.publish()
    assert [call["committed"] for call in sandbox.calls("putRecord$")] == [True, False]


def test_without_a_key_nothing_of_ours_is_there(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    assert CHANNEL.find(engine.http, engine.outgoing, {}, engine.since) == NotThere({})


def test_keys_of_records_are_in_order_and_differ_at_the_same_moment() -> None:
    keys = [bluesky_text.record_key(second, "d1") for second in (1_700_000_000.0, 1_700_000_000.1, 1_900_000_000.0)]
    assert keys == sorted(keys)
    assert all(len(key) == 13 for key in keys)
    assert bluesky_text.record_key(1_700_000_000.0, "d2") != keys[0]


def test_figures_are_read_twenty_five_at_a_time(sandbox: SandboxProcess, later: Later) -> None:
    login = signed_in(sandbox)
    ids = [sandbox.admin("posts", {"platform": "bluesky", "account_id": login.external_id})["id"] for _ in range(26)]
    uris = [f"at://{login.external_id}/app.bsky.feed.post/{key}" for key in ids]
    sandbox.admin(f"posts/{ids[25]}/figures", {"likes": 4, "shares": 3, "comments": 2, "saved": 1})
    measured = CHANNEL.measure(Http(sandbox.url), login, uris)
    assert list(measured) == uris
    last = measured[uris[25]]
    assert (last.likes, last.shares, last.comments, last.saves, last.views) == (4, 3, 2, 1, None)
    assert len(sandbox.calls("getPosts$")) == 2


def test_a_limit_met_halfway_keeps_what_was_read(sandbox: SandboxProcess) -> None:
    login = signed_in(sandbox)
    key = sandbox.admin("posts", {"platform": "bluesky", "account_id": login.external_id})["id"]
    uri = f"at://{login.external_id}/app.bsky.feed.post/{key}"
    sandbox.admin("faults", {"fault": "error", "code": "RateLimitExceeded", "http": 429, "skip": 1})
    measured = CHANNEL.measure(Http(sandbox.url), login, [uri] * 26)
    assert list(measured) == [uri]
    assert isinstance(measured, PartOf)


def test_replies_and_followers_are_read(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    settled = engine.settle()
    assert isinstance(settled, Sent)
    sandbox.admin(f"posts/{settled.external_id.rpartition('/')[2]}/figures", {"comments": 2})
    login, http = engine.outgoing.login, engine.http
    first, second = CHANNEL.comments(http, login, settled.external_id).newest
    assert first.written_at >= second.written_at
    assert first.text
    assert first.permalink is not None
    assert CHANNEL.owns_link(first.permalink.rpartition("/")[0] + "/3lbgq4xkv2s2k")
    account = CHANNEL.measure_account(http, login)
    assert account.posts == 1
    assert account.followers is not None


def test_the_record_is_the_same_for_the_same_checkpoint(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later, text="Pasar #ramai")
    engine.prepare()
    again = json.loads(json.dumps(engine.checkpoint))
    engine.publish()
    later(timedelta(minutes=5))
    CHANNEL.publish(engine.http, engine.outgoing, again)
    assert [call["committed"] for call in sandbox.calls("putRecord$")] == [True, False]
