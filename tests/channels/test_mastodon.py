"""Mastodon: what its contract with us has besides the common one."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from contentdesk.channels.base import (
    CannotTell,
    Login,
    LoginExpired,
    NotAllowed,
    NotThere,
    Outgoing,
    Rejected,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds import mastodon_text
from contentdesk.channels.kinds.mastodon import Mastodon
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.scripted import HTML, Answer, ScriptedPlatform
from tests.channels.sent_photos import photos_sent, video_sent
from tests.channels.subjects.mastodon import MARKED, open_account
from tests.servers import SandboxProcess

CHANNEL = Mastodon()


def test_what_was_written_for_a_few_people_alone_is_no_comment_for_everybody(scripted: ScriptedPlatform) -> None:
    """The key may read them: they were written to the account."""
    below = [
        {"id": str(n), "created_at": "2026-12-01T01:00:00Z", "content": f"<p>{seen}</p>", "visibility": seen}
        for n, seen in enumerate(("public", "unlisted", "private", "direct"))
    ]
    scripted.on("GET", "/context$", Answer({"ancestors": [], "descendants": below}))
    login = Login("1", "kim", "t", details={"server": "https://mastodon.example"})
    read = CHANNEL.comments(Http(scripted.url), login, "7")
    assert sorted(one.text for one in read.newest) == ["public", "unlisted"]
    assert read.whole


BACK = "http://127.0.0.1:8000/akun/kembali/x"
VERIFIER = "v" * 60


def delivery(sandbox: SandboxProcess, later: Later, **more: Any) -> Engine:
    login = more.pop("login", None) or open_account(sandbox)
    outgoing = replace(Outgoing("d1", login, "Pasar ramai", ()), **more)
    return Engine(Http(sandbox.url), "mastodon", outgoing, later)


def left(sandbox: SandboxProcess, http: Http, **choice: str) -> tuple[dict[str, list[str]], dict[str, str]]:
    """What the browser brings back, and what was kept, after a person chose on the server's page."""
    leaving = CHANNEL.leave(http, None, BACK, "s1", VERIFIER, {"server": "Mastodon.Latihan.test/"})
    asked = {name: values[0] for name, values in parse_qs(urlsplit(leaving.url).query).items()}
    assert requests.get(http.address(leaving.url), timeout=10).status_code == 200
    page = http.address("https://mastodon.latihan.test/oauth/authorize")
    answer = requests.post(page, data=asked | choice, allow_redirects=False, timeout=10)
    return parse_qs(urlsplit(answer.headers["Location"]).query), dict(leaving.keep)


def test_signing_in_on_a_server_of_ones_choice(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    brought, keep = left(sandbox, http, username="kim_latihan")
    assert brought["state"] == ["s1"]
    [login] = CHANNEL.exchange(http, None, BACK, brought["code"][0], VERIFIER, keep)
    assert login.handle == "kim_latihan@mastodon.latihan.test"
    assert login.external_id == f"mastodon.latihan.test#{login.details['account']}"
    assert login.expires_at is None
    assert keep["client_secret"] not in f"{login!r} {dict(login.details)}"
    CHANNEL.check(http, login)


def test_a_stolen_code_is_worth_nothing_without_the_verifier(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    brought, keep = left(sandbox, http, username="kim_latihan")
    with pytest.raises(LoginExpired):
        CHANNEL.exchange(http, None, BACK, brought["code"][0], "w" * 60, keep)


def test_a_server_that_grants_too_little_is_told_at_once(scripted: ScriptedPlatform) -> None:
    scripted.on("POST", "/oauth/token", Answer({"access_token": "t", "scope": "read:accounts read:statuses"}))
    keep = {"server": "https://mastodon.latihan.test", "client_id": "a", "client_secret": "b"}
    with pytest.raises(NotAllowed) as told:
        CHANNEL.exchange(Http(scripted.url), None, BACK, "c", VERIFIER, keep)
    assert "menerbitkan di Mastodon" in told.value.values["missing"]


@pytest.mark.parametrize("server", ["https://192.168.1.4", "localhost", "127.0.0.1:3000", "http://sosial.id", "kim"])
def test_a_server_that_must_not_be_spoken_to_is_refused_with_a_sentence(server: str) -> None:
    with pytest.raises(Rejected) as told:
        CHANNEL.leave(Http(), None, BACK, "s", VERIFIER, {"server": server})
    assert told.value.sentence


@pytest.mark.parametrize("answer", [HTML, Answer({}), Answer([1]), Answer("", 301, {"Location": "https://10.0.0.1/x"})])
def test_a_server_that_is_none_is_told_and_gets_no_app(scripted: ScriptedPlatform, answer: Answer) -> None:
    scripted.on("GET", "", answer)
    with pytest.raises(Rejected) as told:
        CHANNEL.leave(Http(scripted.url), None, BACK, "s", VERIFIER, {"server": "toko.latihan.test"})
    assert told.value.sentence % told.value.values
    assert scripted.count("POST", "") == 0


def test_a_server_at_www_is_followed_within_its_site(scripted: ScriptedPlatform) -> None:
    scripted.on("GET", "^/toko", Answer("", 301, {"Location": "https://www.toko.id/api/v2/instance"}))
    scripted.on("GET", "^/www.toko", Answer({"domain": "toko.id"}))
    scripted.on("POST", "^/www.toko.id/api/v1/apps", Answer({"client_id": "a", "client_secret": "b"}))
    leaving = CHANNEL.leave(Http(scripted.url), None, BACK, "s", VERIFIER, {"server": "toko.id"})
    assert leaving.url.startswith("https://www.toko.id/oauth/authorize?")
    assert "code_challenge_method=S256" in leaving.url


def test_the_same_call_within_the_hour_is_the_same_post(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    engine.prepare()
    assert engine.publish() == engine.publish()
    assert len(sandbox.published()) == 1


def test_deliveries_never_share_a_key(sandbox: SandboxProcess, later: Later) -> None:
    login = open_account(sandbox)
    for number in (1, 2):
        delivery(sandbox, later, login=login, delivery_id=f"d{number}").settle()
    assert len(sandbox.published()) == 2


def test_two_posts_with_the_same_words_are_for_a_person(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    engine.prepare()
    engine.publish()
    ours = {"platform": "mastodon", "account_id": engine.outgoing.login.external_id}
    sandbox.admin("posts", ours | {"caption": engine.outgoing.text})
    assert engine.look() == CannotTell()


def test_a_post_with_photos_is_known_by_them_whatever_else_has_its_words(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later, photos=photos_sent(2))
    engine.prepare()
    sent = engine.publish()
    ours = {"platform": "mastodon", "account_id": engine.outgoing.login.external_id}
    sandbox.admin("posts", ours | {"caption": engine.outgoing.text})
    assert engine.look() == sent


def test_marks_in_the_text_do_not_hide_our_post(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later, text=MARKED)
    engine.prepare()
    assert engine.publish() == engine.look()


def test_an_absence_proves_nothing_at_first(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    engine.prepare()
    with pytest.raises(TryLater):
        CHANNEL.find(engine.http, engine.outgoing, engine.checkpoint, engine.since)
    later(timedelta(seconds=61))
    found = CHANNEL.find(engine.http, engine.outgoing, engine.checkpoint, engine.since)
    assert found == NotThere(engine.checkpoint)


def test_a_list_that_never_ends_proves_no_absence(scripted: ScriptedPlatform, later: Later) -> None:
    status = {"id": "115482390184756123", "created_at": "2099-01-01T00:00:00.000Z", "content": "<p>Lain</p>"}
    scripted.on("GET", "/statuses", Answer([status] * 40))
    details = {"server": "https://mastodon.latihan.test", "account": "1"}
    engine = Engine(
        Http(scripted.url), "mastodon", Outgoing("d1", Login("1", "kim", "t", details=details), "Pasar", ()), later
    )
    later(timedelta(minutes=5))
    assert engine.look() == CannotTell()


def test_a_server_that_works_on_files_is_waited_for(sandbox: SandboxProcess, later: Later) -> None:
    sandbox.admin("settings", {"mastodon_slow_photos": True, "container_delay_s": 0.2})
    engine = delivery(sandbox, later, photos=photos_sent(1))
    assert isinstance(engine.settle(), Sent)
    assert 206 in [call["status"] for call in sandbox.calls("/media/")]


def test_files_that_vanish_are_sent_again_but_not_for_ever(sandbox: SandboxProcess, later: Later) -> None:
    sandbox.admin("faults", {"fault": "error", "http": 404, "path_regex": "v1/media/", "times": None})
    with pytest.raises(Rejected):
        delivery(sandbox, later, video=video_sent()).settle()
    assert len(sandbox.calls("v2/media$")) == 3


def test_a_server_with_narrower_limits_is_heeded_before_anything_is_sent(sandbox: SandboxProcess, later: Later) -> None:
    sandbox.admin("settings", {"mastodon_chars": 20})
    with pytest.raises(Rejected) as told:
        delivery(sandbox, later, text="Pasar Minggu ramai sekali").settle()
    assert "20" in told.value.sentence % told.value.values
    assert sandbox.calls("media$|statuses$") == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", 0),
        ("https://kim.latihan.test/" + "a" * 80, 23),
        ("@warga@sosial.latihan.test hai", 10),
        ("surat@kim.id", 12),
        ("👨‍👩‍👧‍👦é", 2),
    ],
)
def test_a_text_is_counted_as_the_platform_does(text: str, wanted: int) -> None:
    assert mastodon_text.length(text) == wanted


def test_what_a_person_chose_is_sent(sandbox: SandboxProcess, later: Later) -> None:
    options = {"visibility": "unlisted", "spoiler": "Hasil lomba"}
    engine = delivery(sandbox, later, options=options)
    settled = engine.settle()
    assert isinstance(settled, Sent)
    [call] = sandbox.calls("v1/statuses$", "POST")
    assert {name: call["form"][f"{name}"] for name in ("visibility", "spoiler_text")} == {
        "visibility": "unlisted",
        "spoiler_text": "Hasil lomba",
    }


@pytest.mark.parametrize("old", [False, True])
def test_figures_are_read_in_batches_or_one_by_one(sandbox: SandboxProcess, later: Later, old: bool) -> None:
    sandbox.admin("settings", {"mastodon_old": old})
    login = open_account(sandbox)
    wish = {"platform": "mastodon", "account_id": login.external_id}
    ids = [sandbox.admin("posts", wish | {"caption": "x"})["id"] for _ in range(21)]
    sandbox.admin(f"posts/{ids[20]}/figures", {"likes": 4, "shares": 3, "comments": 2})
    measured = CHANNEL.measure(Http(sandbox.url), login, [*ids, "115482390184756123"])
    assert list(measured) == ids
    last = measured[ids[20]]
    assert (last.likes, last.shares, last.comments, last.views) == (4, 3, 2, None)
    assert len(sandbox.calls(r"v1/statuses$", "GET")) == 2


def test_answers_and_followers_are_read(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    settled = engine.settle()
    assert isinstance(settled, Sent)
    sandbox.admin(f"posts/{settled.external_id}/figures", {"comments": 2})
    login, http = engine.outgoing.login, engine.http
    first, second = CHANNEL.comments(http, login, settled.external_id).newest
    assert first.written_at >= second.written_at
    assert "<" not in first.text
    assert CHANNEL.owns_link(str(settled.permalink))
    assert CHANNEL.measure_account(http, login).posts == 1


def test_a_token_with_less_than_it_needs_is_told(sandbox: SandboxProcess, later: Later) -> None:
    opened = sandbox.account("kim_baca", platform="mastodon", scopes=["read:accounts", "read:statuses"])
    details = {"server": opened["server"], "account": opened["account"]}
    login = Login(opened["id"], "kim_baca", opened["access_token"], details=details)
    with pytest.raises(NotAllowed):
        delivery(sandbox, later, login=login).settle()
    assert sandbox.published() == []


def test_the_checkpoint_is_plain_data(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later, photos=photos_sent(1))
    engine.prepare()
    assert json.loads(json.dumps(engine.checkpoint)) == engine.checkpoint
    assert engine.outgoing.login.token not in json.dumps(engine.checkpoint)
