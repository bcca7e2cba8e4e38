"""A TikTok account: signing in, tokens that rotate, what it tells before a person chooses, figures, rings."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from contentdesk.channels import registry, rules
from contentdesk.channels.abilities import AccountStats, AsksConsent, Event, TellsFirst
from contentdesk.channels.base import (
    AppKeys,
    Login,
    LoginExpired,
    NotAllowed,
    OptionType,
    PartOf,
    Sent,
    Stats,
    TryLater,
)
from contentdesk.channels.kinds.tiktok import TikTok
from contentdesk.channels.kinds.tiktok_login import SCOPES
from contentdesk.channels.kinds.tiktok_options import BRANDED, MUSIC, utf16_length
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.scripted import ScriptedPlatform
from tests.channels.subjects.tiktok import PUBLIC, open_account
from tests.channels.tiktok_stage import Stage, told
from tests.servers import SandboxProcess

BACK = "https://desk.example/akun/kembali"
APP = AppKeys("kunci-1", "rahasia")
CHANNEL = TikTok()


@pytest.fixture
def stage(sandbox: SandboxProcess, later: Later) -> Stage:
    return Stage(sandbox, later)


# Signing in


def sign_in(http: Http, allowed: tuple[str, ...] = SCOPES) -> str:
    """Presses the button on the platform's page; the code that comes back."""
    address = CHANNEL.leave(http, APP, BACK, "state-1", "pemeriksa", {}).url
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["client_key"] == "kunci-1"
    assert set(asked) == {"client_key", "redirect_uri", "response_type", "scope", "state"}
    page = http.address(address.partition("?")[0])
    assert "client_key" in requests.get(page, params=asked, timeout=5).text
    ticked = {f"allow:{scope}": "1" for scope in allowed}
    answer = requests.post(page, data=asked | ticked | {"username": "kim.baru"}, allow_redirects=False, timeout=5)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["state-1"]
    return back["code"][0]


def exchange(http: Http, code: str) -> Login:
    [login] = CHANNEL.exchange(http, APP, BACK, code, "pemeriksa", {})
    return login


@pytest.mark.parametrize(("token_s", "refresh_s"), [(7200.0, 15_552_000.0), (86_400.0, 31_536_000.0)])
def test_signing_in_brings_the_account_for_as_long_as_the_answer_says(
    sandbox: SandboxProcess, token_s: float, refresh_s: float
) -> None:
    sandbox.admin("settings", {"tiktok_token_s": token_s, "tiktok_refresh_s": refresh_s})
    http = Http(sandbox.url)
    login = exchange(http, sign_in(http))
    assert login.handle == "kim.baru"
    assert login.scopes == SCOPES
    assert login.expires_at
    assert login.refresh_expires_at
    assert login.expires_at - clock.now() == pytest.approx(timedelta(seconds=token_s), abs=timedelta(minutes=1))
    assert login.refresh_expires_at - clock.now() == pytest.approx(
        timedelta(seconds=refresh_s), abs=timedelta(minutes=1)
    )
    CHANNEL.check(http, login)


def test_a_part_of_the_scopes_is_enough_for_the_inbox(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    login = exchange(http, sign_in(http, ("user.info.basic", "video.upload")))
    assert login.scopes == ("user.info.basic", "video.upload")
    assert login.handle == "kim.baru"
    assert CHANNEL.creator(http, login).choices == {"mode": ("inbox",)}


def test_without_the_scope_to_upload_nothing_is_connected(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    with pytest.raises(NotAllowed) as told:
        exchange(http, sign_in(http, ("video.list",)))
    assert told.value.values["missing"] == ["mengunggah ke kotak masuk TikTok"]


@pytest.mark.parametrize("as_200", [False, True])
def test_a_refresh_brings_a_new_pair_and_ends_the_old_one(sandbox: SandboxProcess, as_200: bool) -> None:
    sandbox.admin("settings", {"tiktok_errors_as_200": as_200})
    http = Http(sandbox.url)
    first = exchange(http, sign_in(http))
    second = CHANNEL.renew(http, APP, first)
    assert (second.external_id, second.handle, second.scopes) == (first.external_id, first.handle, first.scopes)
    assert second.token != first.token
    assert second.refresh_token not in ("", first.refresh_token)
    CHANNEL.check(http, second)
    with pytest.raises(LoginExpired) as over:
        CHANNEL.renew(http, APP, first)
    assert first.refresh_token not in f"{over.value!r} {over.value.values}"
    third = CHANNEL.renew(http, APP, second)
    assert third.refresh_token != second.refresh_token


def test_a_code_is_good_once(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    code = sign_in(http)
    exchange(http, code)
    with pytest.raises(LoginExpired):
        exchange(http, code)


def test_a_disturbance_ends_no_login(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    login = exchange(http, sign_in(http))
    sandbox.admin("faults", {"fault": "5xx", "path_regex": "oauth/token"})
    with pytest.raises(TryLater):
        CHANNEL.renew(http, APP, login)
    CHANNEL.renew(http, APP, login)


# What is told and asked before


def test_the_account_tells_what_may_be_chosen(stage: Stage) -> None:
    stage.switch(nickname="KIM Latihan", duet_off=True, max_seconds=60)
    creator = CHANNEL.creator(stage.http, stage.login)
    assert (creator.nickname, creator.max_seconds, creator.may_post) == ("KIM Latihan", 60.0, True)
    assert creator.choices == {"privacy": ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")}
    assert creator.off == {"allow_duet"}
    stage.switch(private=True)
    assert "FOLLOWER_OF_CREATOR" in CHANNEL.creator(stage.http, stage.login).choices["privacy"]


@pytest.mark.parametrize(("knobs", "switches"), [({"tiktok_posts_per_day": 0}, {}), ({}, {"banned": True})])
def test_an_account_that_may_not_post_now_says_why(
    stage: Stage, knobs: dict[str, Any], switches: dict[str, Any]
) -> None:
    stage.set(**knobs)
    stage.switch(**switches)
    creator = CHANNEL.creator(stage.http, stage.login)
    assert not creator.may_post
    assert "TikTok" in creator.sentence
    assert "%" not in creator.sentence


def test_an_app_that_nobody_audited_leaves_the_inbox_and_says_what_happens_there(stage: Stage) -> None:
    stage.set(tiktok_audited=False)
    creator = CHANNEL.creator(stage.http, stage.login)
    assert (creator.may_post, creator.choices) == (True, {"mode": ("inbox",)})
    assert "belum diaudit TikTok" in creator.note
    assert "anggota" in creator.note
    narrow = replace(stage.login, scopes=("video.upload",))
    assert CHANNEL.creator(stage.http, narrow).choices == {"mode": ("inbox",)}
    assert "tanpa izin" in CHANNEL.creator(stage.http, narrow).note


def test_a_private_account_says_who_will_see_it(stage: Stage) -> None:
    assert CHANNEL.creator(stage.http, stage.login).note == ""
    stage.switch(private=True)
    assert "hanya dilihat pengikutnya" in CHANNEL.creator(stage.http, stage.login).note


def test_the_longest_video_is_a_limit_of_the_account(stage: Stage) -> None:
    stage.switch(max_seconds=60)
    assert CHANNEL.limits(stage.http, stage.login) == {"video_seconds": 60}
    assert CHANNEL.limits(stage.http, replace(stage.login, scopes=("video.upload",))) == {}


def test_a_dead_login_is_not_an_account_that_may_not_post(stage: Stage) -> None:
    with pytest.raises(LoginExpired):
        CHANNEL.creator(stage.http, replace(stage.login, token="act.mati"))


def test_nothing_that_opens_or_shares_is_preset() -> None:
    by_name = {option.name: option for option in CHANNEL.options}
    toggles = [option for option in CHANNEL.options if option.type is OptionType.TOGGLE]
    assert by_name["privacy"].default is None
    assert all(option.default is False for option in toggles)
    for name in ("allow_duet", "allow_stitch"):
        assert name not in {option.name for option in rules.options_for(CHANNEL, "photos")}
    assert isinstance(CHANNEL, TellsFirst)
    assert isinstance(CHANNEL, AsksConsent)


def codes(**options: Any) -> list[str]:
    return [problem.code for problem in rules.option_problems(registry.get("tiktok"), options, "photos")]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, ["option_missing"]),
        ({"privacy": "SELF_ONLY"}, []),
        ({"privacy": "SEMUA"}, ["option_unknown"]),
        ({"privacy": "SELF_ONLY", "disclosure": True}, ["disclosure_empty"]),
        ({"privacy": "SELF_ONLY", "disclosure": True, "your_brand": True}, []),
        ({"privacy": "SELF_ONLY", "disclosure": True, "branded": True}, ["option_forbidden"]),
        ({"privacy": "SELF_ONLY", "disclosure": False, "branded": True}, []),
        ({"privacy": "PUBLIC_TO_EVERYONE", "disclosure": True, "branded": True}, []),
        ({"privacy": "SELF_ONLY", "title": "🎉" * 46}, ["option_too_long"]),
        ({"privacy": "SELF_ONLY", "title": "🎉" * 45}, []),
        ({"mode": "inbox"}, []),
    ],
)
def test_choices_that_do_not_go_together_are_told(options: dict[str, Any], wanted: list[str]) -> None:
    assert codes(**options) == wanted


def test_the_line_above_the_button_follows_what_was_chosen() -> None:
    plain = CHANNEL.consent(dict(PUBLIC), "video")
    branded = CHANNEL.consent({**PUBLIC, "disclosure": True, "branded": True}, "video")
    assert plain
    assert branded
    assert [address for _, address in plain.links.values()] == [MUSIC]
    assert {address for _, address in branded.links.values()} == {MUSIC, BRANDED}
    for consent in (plain, branded):
        assert consent.sentence % {name: words for name, (words, _) in consent.links.items()}
    assert CHANNEL.consent({"mode": "inbox"}, "video") is None
    own = CHANNEL.consent({**PUBLIC, "disclosure": True, "your_brand": True}, "video")
    assert own == plain


def test_letters_are_counted_as_the_platform_counts_them() -> None:
    assert utf16_length("Kirab 🎉") == 8
    [video] = [each for each in CHANNEL.formats if each.key == "video"]
    assert [one.code for one in rules.check(video.rules, "🎉" * 1101, 0, [], rules.Clip(5, 720, 1280))] == [
        "text_too_long"
    ]
    assert rules.format_of(registry.get("tiktok"), {}, 0, has_video=True).key == "video"
    assert rules.format_of(registry.get("tiktok"), {}, 2, has_video=False).key == "photos"


# Figures


def test_figures_come_twenty_at_a_time_and_what_is_gone_is_left_out(stage: Stage) -> None:
    settled = stage.delivery().settle()
    assert isinstance(settled, Sent)
    figures = {"views": 120, "likes": 12, "comments": 3, "shares": 1}
    stage.sandbox.admin(f"posts/{settled.external_id}/figures", figures)
    unknown = [str(7_600_000_000_000_000_000 + number) for number in range(24)]
    measured = CHANNEL.measure(stage.http, stage.login, [*unknown, settled.external_id, "v_pub_file~v2-1.9"])
    assert measured == {settled.external_id: Stats(views=120, likes=12, comments=3, shares=1)}
    assert stage.count("video/query/$") == 3  # one of them for the link


def test_a_limit_halfway_keeps_what_was_read(scripted: ScriptedPlatform) -> None:
    first = told(videos=[{"id": "1", "view_count": 5}, {"id": "30"}, "x"])
    limited = replace(told(), body={"data": {}, "error": {"code": "rate_limit_exceeded"}}, status=429)
    scripted.on("POST", "video/query", first, limited)
    keys = [str(number) for number in range(1, 26)]
    measured = CHANNEL.measure(Http(scripted.url), Login("o", "kim", "t"), keys)
    assert measured == PartOf({"1": Stats(views=5)})
    assert isinstance(measured, PartOf)
    with pytest.raises(TryLater):
        CHANNEL.measure(Http(scripted.url), Login("o", "kim", "t"), keys)


def test_the_account_has_followers_and_posts(stage: Stage) -> None:
    stage.delivery().settle()
    assert CHANNEL.measure_account(stage.http, stage.login) == AccountStats(followers=2400, posts=1)


def test_figures_of_an_account_need_their_scope(sandbox: SandboxProcess) -> None:
    login = open_account(sandbox, scopes=["user.info.basic"])
    with pytest.raises(NotAllowed):
        CHANNEL.measure_account(Http(sandbox.url), login)


# Rings


class Ear:
    """Keeps what rings."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.heard.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/dering"
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    ear.server.shutdown()
    ear.server.server_close()


def test_a_ring_names_the_account_and_the_post_by_its_whole_id(sandbox: SandboxProcess, ear: Ear) -> None:
    wishes = {"url": ear.url, "secret": "rahasia", "account_id": "-000a", "post_id": 7512345678901234567}
    assert sandbox.admin("platforms/tiktok/ring", wishes) == {"status": 200}
    [(headers, raw)] = ear.heard
    assert CHANNEL.events("rahasia", headers, raw, clock.now()) == (Event("-000a", "7512345678901234567"),)
    assert CHANNEL.events("lain", headers, raw, clock.now()) is None
    assert CHANNEL.events("", headers, raw, clock.now()) is None
    assert CHANNEL.events("rahasia", headers, raw + b" ", clock.now()) is None
    assert CHANNEL.events("rahasia", {}, raw, clock.now()) is None


def test_an_old_ring_is_not_heard(sandbox: SandboxProcess, ear: Ear) -> None:
    wishes = {"url": ear.url, "secret": "rahasia", "account_id": "-000a", "age_s": 3600}
    sandbox.admin("platforms/tiktok/ring", wishes)
    [(headers, raw)] = ear.heard
    assert CHANNEL.events("rahasia", headers, raw, clock.now()) is None


@pytest.mark.parametrize(
    ("body", "events"),
    [
        ({"event": "authorization.removed", "user_openid": "-000a", "content": '{"reason": 1}'}, (Event("-000a"),)),
        ({"event": "post.publish.failed", "user_openid": "-000a", "content": "bukan JSON"}, (Event("-000a"),)),
        ({"event": "apa saja"}, ()),
        ([], ()),
    ],
)
def test_a_ring_that_says_little_is_still_a_ring(body: Any, events: tuple[Event, ...]) -> None:
    """Signed as the platform does: seconds, a dot, the raw bytes."""
    raw, at = json.dumps(body).encode(), 1_633_174_587
    sign = hmac.new(b"rahasia", b"1633174587." + raw, hashlib.sha256).hexdigest()
    headers = {"Tiktok-Signature": f"t={at},s={sign}"}
    assert CHANNEL.events("rahasia", headers, raw, datetime.fromtimestamp(at + 10, UTC)) == events
