"""Signing in at Google, the figures of videos and channels, and the rings of WebSub."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from contentdesk.channels.abilities import Comments, Event
from contentdesk.channels.base import AppKeys, Login, LoginExpired, NotAllowed, PartOf, TryLater
from contentdesk.channels.kinds.youtube import YouTube
from contentdesk.channels.kinds.youtube_login import NEEDED
from contentdesk.channels.kinds.youtube_rings import hub_key, verify_token
from contentdesk.lib.http import Http
from tests.channels.line import TEXT
from tests.channels.scripted import Answer, ScriptedPlatform
from tests.channels.subjects.youtube import login_of
from tests.servers import SandboxProcess

CHANNEL = YouTube()
APP = AppKeys("app", "rahasia")
BACK = "http://127.0.0.1/kembali"


@pytest.fixture
def account(sandbox: SandboxProcess) -> dict[str, Any]:
    return sandbox.account("kim.latihan", platform="youtube", followers=2400)


def by_hand(sandbox: SandboxProcess, account: dict[str, Any], **wishes: object) -> str:
    body = {"platform": "youtube", "account_id": account["id"], "title": "Keripik tempe", "caption": TEXT}
    return str(sandbox.admin("posts", body | wishes)["id"])


def pressed(http: Http, sandbox: SandboxProcess, verifier: str, **fields: str) -> dict[str, str]:
    """As a person goes through the sign-in page; what comes back in the address."""
    address = CHANNEL.leave(http, APP, BACK, "keadaan", verifier, {}).url
    assert verifier not in address
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == ("offline", "consent", "S256")
    form = asked | {"grant_0": "1", "grant_1": "1", "grant_2": "1", "username": "kim.latihan"} | fields
    reply = requests.post(http.address(address), data=form, timeout=5, allow_redirects=False)
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["Location"]).query).items()}


def signed_in(http: Http, sandbox: SandboxProcess, **fields: str) -> Login:
    verifier = "v" * 60
    back = pressed(http, sandbox, verifier, **fields)
    [login] = CHANNEL.exchange(http, APP, BACK, back["code"], verifier, {})
    return login


def test_signing_in_brings_the_channel_with_a_token_to_renew(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    login = signed_in(http, sandbox)
    assert (login.handle, set(login.scopes)) == ("kim.latihan", set(CHANNEL.scopes))
    assert login.external_id.startswith("UC")
    assert login.refresh_token
    CHANNEL.check(http, login)
    fresh = CHANNEL.renew(http, APP, login)
    assert fresh.token != login.token
    assert (fresh.external_id, fresh.refresh_token, fresh.scopes) == (login.external_id, "", login.scopes)
    assert fresh.expires_at is not None


def test_a_code_is_worth_nothing_without_its_verifier(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    code = pressed(http, sandbox, "v" * 60)["code"]
    with pytest.raises(LoginExpired):
        CHANNEL.exchange(http, APP, BACK, code, "w" * 60, {})


@pytest.mark.parametrize("fields", [{"grant_0": ""}, {"grant_1": ""}, {"no_channel": "1"}])
def test_a_permission_too_few_or_no_channel_is_told_at_once(sandbox: SandboxProcess, fields: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        signed_in(Http(sandbox.url), sandbox, **fields)


def test_a_withdrawn_permission_ends_the_login(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    login = signed_in(http, sandbox)
    sandbox.admin("tokens/revoke", {"account_id": login.external_id})
    for ask in (lambda: CHANNEL.renew(http, APP, login), lambda: CHANNEL.check(http, login)):
        with pytest.raises(LoginExpired) as caught:
            ask()
        assert login.token not in repr(caught.value)
        assert login.refresh_token not in repr(caught.value)


def test_a_disturbed_sign_in_service_does_not_end_the_login(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    login = signed_in(http, sandbox)
    sandbox.admin("faults", {"fault": "5xx", "host": "oauth2.googleapis.com"})
    with pytest.raises(TryLater):
        CHANNEL.renew(http, APP, login)


def test_figures_come_fifty_at_a_time(sandbox: SandboxProcess, account: dict[str, Any]) -> None:
    made = [by_hand(sandbox, account, title=f"Video {n}", figures={"views": n}) for n in range(60)]
    measured = CHANNEL.measure(Http(sandbox.url), login_of(account), [*made, "AAAAAAAAAAA"])
    assert {key: stats.views for key, stats in measured.items()} == {key: n for n, key in enumerate(made)}
    assert len(sandbox.calls("/youtube/v3/videos$", "GET")) == 2


def test_a_limit_halfway_keeps_what_was_read(sandbox: SandboxProcess, account: dict[str, Any]) -> None:
    made = [by_hand(sandbox, account, title=f"Video {n}") for n in range(51)]
    sandbox.admin("settings", {"youtube_units_per_day": 1})
    measured = CHANNEL.measure(Http(sandbox.url), login_of(account), made)
    assert set(measured) == set(made[:50])
    assert isinstance(measured, PartOf)


def test_hidden_figures_are_unknown_and_not_zero(sandbox: SandboxProcess, scripted: ScriptedPlatform) -> None:
    hidden = login_of(sandbox.account("kim.tertutup", platform="youtube", hides_followers=True))
    told = CHANNEL.measure_account(Http(sandbox.url), hidden)
    assert (told.followers, told.posts) == (None, 0)
    item = {"id": "AAAAAAAAAAA", "statistics": {"viewCount": "12", "likeCount": "x", "favoriteCount": "0"}}
    unasked = {"id": "BBBBBBBBBBB", "statistics": {"viewCount": "1"}}
    scripted.on("GET", "/videos", Answer({"items": [item, "x", unasked]}))
    [stats] = CHANNEL.measure(Http(scripted.url), hidden, ["AAAAAAAAAAA"]).values()
    assert (stats.views, stats.likes, stats.comments) == (12, None, None)


def test_the_right_to_comments_may_be_left_out(sandbox: SandboxProcess, account: dict[str, Any]) -> None:
    """It is a wide one. What was published is measured without it, and asking for comments costs no call."""
    http = Http(sandbox.url)
    login = signed_in(http, sandbox, grant_2="")
    assert set(login.scopes) == set(NEEDED)
    made = by_hand(sandbox, account)
    assert list(CHANNEL.measure(http, login, [made])) == [made]
    with pytest.raises(NotAllowed):
        CHANNEL.comments(http, login, made)
    assert sandbox.calls("commentThreads$") == []
    with pytest.raises(NotAllowed) as caught:
        CHANNEL.comments(http, replace(login, scopes=()), made)
    assert caught.value.code == "insufficientPermissions"


def test_comments_are_read_newest_first_up_to_a_hundred(sandbox: SandboxProcess, account: dict[str, Any]) -> None:
    http, login = Http(sandbox.url), login_of(account)
    few, many = (by_hand(sandbox, account, age_s=9000, figures={"comments": count}) for count in (2, 101))
    found = CHANNEL.comments(http, login, few)
    first, second = found.newest
    assert found.whole
    assert first.written_at > second.written_at
    assert (first.text != "", first.author[:1] not in ("", "@"), first.by_us) == (True, True, False)
    assert first.permalink == f"https://www.youtube.com/watch?v={few}&lc={first.external_id}"
    assert CHANNEL.measure(http, login, [few])[few].comments == 2
    found = CHANNEL.comments(http, login, many)
    assert (len(found.newest), found.whole, len(sandbox.calls("commentThreads$"))) == (100, False, 2)


def test_switched_off_comments_are_none_and_a_missing_video_says_nothing(
    sandbox: SandboxProcess, account: dict[str, Any]
) -> None:
    http, login = Http(sandbox.url), login_of(account)
    for_kids = by_hand(sandbox, account, made_for_kids=True)
    assert CHANNEL.measure(http, login, [for_kids])[for_kids].comments is None
    assert CHANNEL.comments(http, login, for_kids) == Comments((), whole=True)
    assert CHANNEL.comments(http, login, "AAAAAAAAAAA") == Comments((), whole=False)


def test_our_own_answer_is_known_as_ours(scripted: ScriptedPlatform) -> None:
    said = {"textDisplay": "Buka jam 8", "publishedAt": "2026-11-20T01:02:03Z", "authorChannelId": {"value": "UC1"}}
    item = {"snippet": {"topLevelComment": {"id": "Ugx1", "snippet": said}}}
    scripted.on("GET", "/commentThreads", Answer({"items": [item, "x", {"snippet": {"topLevelComment": {"id": "y"}}}]}))
    [comment] = CHANNEL.comments(Http(scripted.url), Login("UC1", "kim", "t"), "AAAAAAAAAAA").newest
    assert (comment.text, comment.by_us) == ("Buka jam 8", True)


def test_followers_are_counted(sandbox: SandboxProcess, account: dict[str, Any]) -> None:
    assert CHANNEL.measure_account(Http(sandbox.url), login_of(account)).followers == 2400


UPDATED = b"<updated>2026-11-20T08:05:24.552394234+07:00</updated>"
FEED = (
    b'<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"><entry><id>yt:video:aB3_x-9kLmN</id>'
    b"<yt:videoId>aB3_x-9kLmN</yt:videoId><yt:channelId>UC1234567890123456789012</yt:channelId>"
    b"<published>2026-11-02T01:05:24+00:00</published>" + UPDATED + b"</entry></feed>"
)
RUNG_AT = datetime(2026, 11, 20, 1, 5, 24, tzinfo=UTC)


def signature(secret: str, raw: bytes) -> dict[str, str]:
    return {"X-Hub-Signature": "sha1=" + hmac.new(hub_key(secret).encode(), raw, hashlib.sha1).hexdigest()}


def test_a_ring_names_the_video_when_its_signature_is_right() -> None:
    now = RUNG_AT
    rung = CHANNEL.events("rahasia", signature("rahasia", FEED), FEED, now)
    assert rung == [Event("UC1234567890123456789012", "aB3_x-9kLmN")]
    assert CHANNEL.events("rahasia", signature("lain", FEED), FEED, now) is None
    assert CHANNEL.events("rahasia", signature("rahasia", FEED), FEED + b" ", now) is None
    assert CHANNEL.events("rahasia", {}, FEED, now) is None
    assert CHANNEL.events("", signature("", FEED), FEED, now) is None
    assert CHANNEL.events("rahasia", signature("rahasia", b"<feed/>"), b"<feed/>", now) == []


@pytest.mark.parametrize("updated", [UPDATED, b"", b"<updated>2026-11-40T00:00:00Z</updated>"])
def test_an_old_feed_is_refused_however_well_signed(updated: bytes) -> None:
    raw = FEED.replace(UPDATED, updated)
    for hours, heard in ((47, updated == UPDATED), (49, False)):
        rung = CHANNEL.events("rahasia", signature("rahasia", raw), raw, RUNG_AT + timedelta(hours=hours))
        assert (rung is not None) == heard


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({}, "12345"),
        ({"hub.mode": "unsubscribe"}, "12345"),
        ({"hub.verify_token": ""}, None),
        ({"hub.mode": "unsubscribe", "hub.verify_token": ""}, None),
        ({"hub.verify_token": hub_key("rahasia")}, None),
        ({"hub.verify_token": "rahasia"}, None),
        ({"hub.verify_token": "lain"}, None),
        ({"hub.topic": "https://jahat.example/feed"}, None),
        ({"hub.mode": "denied"}, None),
        ({"hub.challenge": ""}, None),
    ],
)
def test_the_handshake_answers_for_a_channel_only(changed: dict[str, str], answer: str | None) -> None:
    topic = "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UC1234567890123456789012"
    token = verify_token("rahasia")
    query = {"hub.mode": "subscribe", "hub.topic": topic, "hub.challenge": "12345", "hub.verify_token": token}
    assert CHANNEL.handshake("rahasia", query | changed) == answer
