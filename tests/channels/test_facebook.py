"""What is special to pages: signing in, ambiguous refusals, uploads that break off, figures in batches."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from contentdesk.channels import rules
from contentdesk.channels.abilities import Event
from contentdesk.channels.base import (
    Accepted,
    AppKeys,
    CannotTell,
    ChannelError,
    Login,
    LoginExpired,
    NotAllowed,
    NotThere,
    OutcomeUnknown,
    Outgoing,
    Rejected,
    Sent,
    Stats,
    TryLater,
)
from contentdesk.channels.kinds import facebook_login, meta_webhooks
from contentdesk.channels.kinds.facebook import Facebook
from contentdesk.channels.kinds.instagram import Instagram
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.line import TEXT, photos_on
from tests.channels.scripted import Answer, ScriptedPlatform, refusal
from tests.channels.subjects import facebook as subject
from tests.servers import MediaServer, SandboxProcess, wait_until

BACK = "https://desk.example/akun/kembali"
APP = AppKeys("app-1", "geheim")
FEED = "/feed$"


@pytest.fixture
def login(sandbox: SandboxProcess) -> Login:
    return subject.open_account(sandbox)


@pytest.fixture
def delivery(sandbox: SandboxProcess, media: MediaServer, login: Login, later: Later) -> Engine:
    return Engine(Http(sandbox.url), "facebook", subject.text(media, login), later)


def with_outgoing(engine: Engine, outgoing: Outgoing) -> Engine:
    engine.outgoing = outgoing
    return engine


def public(sandbox: SandboxProcess) -> list[str]:
    return [post["id"] for post in sandbox.published() if not post["by_hand"]]


def sign_in(sandbox: SandboxProcess, http: Http, **choice: str) -> str:
    """Presses the button on the platform's page and brings the code back, with the platform's odd ending."""
    address = Facebook().leave(http, APP, BACK, "state-1", "v", {}).url
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    page = http.address(address.partition("?")[0])
    answer = requests.post(page, data=asked | choice, allow_redirects=False, timeout=5)
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0] + "#_=_"


def exchange(sandbox: SandboxProcess, **choice: str) -> list[Login]:
    http = Http(sandbox.url)
    return list(Facebook().exchange(http, APP, BACK, sign_in(sandbox, http, **choice), "v", {}))


def test_one_sign_in_brings_every_page_and_the_linked_accounts(sandbox: SandboxProcess) -> None:
    sandbox.admin("settings", {"accounts_per_page": 1})
    first = sandbox.account("kim.a", platform="facebook", name="KIM A", user="Pengelola 1", instagram="kim.a.ig")
    second = sandbox.account("kim.b", platform="facebook", name="KIM B", user="Pengelola 1")
    barred = sandbox.account("kim.c", platform="facebook", user="Pengelola 1", tasks=["ANALYZE"])
    logins = exchange(sandbox, user_id=first["user_id"])
    assert [(one.kind, one.external_id, one.handle) for one in logins] == [
        ("", first["id"], "KIM A"),
        ("instagram", first["instagram_id"], "kim.a.ig"),
        ("", second["id"], "KIM B"),
    ]
    assert barred["id"] not in {one.external_id for one in logins}
    page, linked, _ = logins
    assert page.expires_at is None
    assert set(page.scopes) >= set(facebook_login.SCOPES)
    assert (page.details["page"], linked.details["host"]) == ("KIM A", "graph.facebook.com")
    reading_ends = datetime.fromisoformat(page.details["data_access_expires_at"])
    assert timedelta(days=89) < reading_ends - clock.now() <= timedelta(days=90)
    assert datetime.fromisoformat(page.details["user_token_expires"]) > clock.now() + timedelta(days=59)
    Facebook().check(Http(sandbox.url), page)
    Instagram().check(Http(sandbox.url), linked)


def test_an_account_that_came_with_a_page_can_publish(
    sandbox: SandboxProcess, media: MediaServer, later: Later
) -> None:
    page = sandbox.account("kim.a", platform="facebook", user="Pengelola 1", instagram="kim.a.ig")
    linked = exchange(sandbox, user_id=page["user_id"])[1]
    settled = Engine(Http(sandbox.url), "instagram", Outgoing("d1", linked, TEXT, photos_on(media, 1)), later).settle()
    assert isinstance(settled, Sent)
    assert [post["account"]["username"] for post in sandbox.published()] == ["kim.a.ig"]


def test_a_page_one_may_not_post_on_is_named(sandbox: SandboxProcess) -> None:
    page = sandbox.account("kim.a", platform="facebook", name="KIM A", user="Analis 1", tasks=["ANALYZE"])
    with pytest.raises(NotAllowed) as told:
        exchange(sandbox, user_id=page["user_id"])
    assert "KIM A" in told.value.sentence % told.value.values


def test_a_scope_that_was_unticked_is_named(sandbox: SandboxProcess) -> None:
    with pytest.raises(NotAllowed) as told:
        exchange(sandbox, username="kim.a", no_pages_manage_posts="1")
    assert told.value.values["missing"] == "pages_manage_posts"


def test_without_the_rights_for_it_the_linked_account_is_left_out(sandbox: SandboxProcess) -> None:
    page = sandbox.account("kim.a", platform="facebook", user="Pengelola 1", instagram="kim.a.ig")
    assert len(exchange(sandbox, user_id=page["user_id"], no_instagram_content_publish="1")) == 1


def test_a_code_works_once(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    code = sign_in(sandbox, http, username="kim.a")
    Facebook().exchange(http, APP, BACK, code, "v", {})
    with pytest.raises(LoginExpired):
        Facebook().exchange(http, APP, BACK, code, "v", {})


def test_no_secret_stands_in_an_address_but_the_one_that_is_asked_about(sandbox: SandboxProcess) -> None:
    exchange(sandbox, username="kim.a")
    named = {name for call in sandbox.calls(host="graph.facebook.com") for name in call["query"]}
    assert not named & {"access_token", "client_secret", "fb_exchange_token", "code"}


@pytest.mark.parametrize("step", ["oauth/access_token", "me/permissions", "me/accounts"])
def test_no_secret_of_signing_in_reaches_an_exception(scripted: ScriptedPlatform, step: str) -> None:
    scripted.on("POST", "oauth/access_token", Answer({"access_token": "kurzes", "expires_in": 60}))
    granted = [{"permission": scope, "status": "granted"} for scope in facebook_login.SCOPES]
    scripted.on("GET", "me/permissions", Answer({"data": granted}))
    for method in ("GET", "POST"):
        scripted.on(method, step, refusal(2, status=503))
    with pytest.raises(TryLater) as caught:
        Facebook().exchange(Http(scripted.url), APP, BACK, "kode", "v", {})
    chain = f"{caught.value!r} {caught.value.values} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert not any(secret in chain for secret in ("geheim", "kurzes", "kode"))


def test_the_words_of_the_newest_post_are_not_sent_again(
    sandbox: SandboxProcess, delivery: Engine, login: Login
) -> None:
    sandbox.admin("posts", {"platform": "facebook", "account_id": login.external_id, "caption": TEXT})
    with pytest.raises(Rejected) as told:
        delivery.settle()
    assert (told.value.code, public(sandbox)) == ("same_again", [])


@pytest.mark.parametrize(
    "code", [{"code": 506, "subcode": 1455006}, {"code": 100, "subcode": 1366051}, {"code": 1}, {"code": 77777}]
)
@pytest.mark.parametrize("post", ["text", "photos"])
def test_a_refusal_that_may_mean_yes_is_looked_up(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login, code: dict[str, int], post: str
) -> None:
    with_outgoing(delivery, subject.SUBJECT.posts[post](media, login))
    delivery.prepare()
    sandbox.admin("faults", {"fault": "error", "path_regex": FEED, "method": "POST", "after_commit": True} | code)
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    found = delivery.look()
    assert isinstance(found, Sent)
    assert [found.external_id] == public(sandbox)


@pytest.mark.parametrize("post", ["text", "photos"])
def test_a_limit_that_was_a_lie_still_leads_to_one_post(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login, later: Later, post: str
) -> None:
    """The words of the newest post, or photos that are used up, say that it is there."""
    with_outgoing(delivery, subject.SUBJECT.posts[post](media, login))
    sandbox.admin("faults", {"fault": "error", "path_regex": FEED, "method": "POST", "after_commit": True, "code": 32})
    settled = delivery.settle()
    assert isinstance(settled, Sent)
    assert [settled.external_id] == public(sandbox)


def test_our_photos_prove_our_post_among_posts_with_the_same_words(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    with_outgoing(delivery, subject.photos(media, login)).prepare()
    sandbox.admin("faults", {"fault": "commit_then_drop", "path_regex": FEED, "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    other = Engine(delivery.http, "facebook", delivery.outgoing, lambda step: None)
    other.prepare()
    other.publish()
    found = delivery.look()
    assert isinstance(found, Sent)
    assert found.external_id == public(sandbox)[-1]


def test_the_same_words_with_other_photos_are_for_a_person(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    with_outgoing(delivery, subject.photo(media, login)).prepare()
    sandbox.admin("faults", {"fault": "drop_before", "path_regex": FEED, "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    other = Engine(delivery.http, "facebook", delivery.outgoing, lambda step: None)
    other.prepare()
    other.publish()
    assert delivery.look() == CannotTell()


def test_two_posts_with_the_same_words_are_for_a_person(
    sandbox: SandboxProcess, delivery: Engine, login: Login
) -> None:
    delivery.prepare()
    sandbox.admin("faults", {"fault": "commit_then_drop", "path_regex": FEED, "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    sandbox.admin("posts", {"platform": "facebook", "account_id": login.external_id, "caption": TEXT})
    assert delivery.look() == CannotTell()


def test_after_three_attempts_without_a_trace_a_person_is_asked(sandbox: SandboxProcess, delivery: Engine) -> None:
    sandbox.admin("faults", {"fault": "5xx", "path_regex": FEED, "method": "POST", "times": None})
    assert delivery.settle() == CannotTell()
    assert public(sandbox) == []


def test_an_upload_goes_on_where_it_broke_off(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    """Half a reel arrived before the line broke: the rest alone is sent."""
    with_outgoing(delivery, subject.reel(media, login)).prepare_once()
    film = delivery.outgoing.video
    assert film
    url = delivery.http.address(delivery.checkpoint["upload_url"])
    headers = {"Authorization": f"OAuth {login.token}", "offset": "0", "file_size": str(film.size)}
    requests.post(url, data=film.open().read(4000), headers=headers, timeout=5)
    delivery.prepare_once()
    assert delivery.checkpoint["uploaded"] is True
    assert isinstance(delivery.settle(), Sent)
    assert [one["sha256"] for one in sandbox.published()[0]["images"]] == [film.sha256]


def test_a_piece_that_arrived_is_not_sent_again(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    sandbox.admin("settings", {"video_chunk_bytes": 2500})
    with_outgoing(delivery, subject.video(media, login))
    sandbox.admin("faults", {"fault": "commit_then_drop", "path_regex": "videos#transfer$"})
    settled = delivery.settle()
    assert isinstance(settled, Sent)
    assert len([call for call in sandbox.calls("videos#transfer$") if call["committed"]]) == 3


def test_an_upload_that_is_over_begins_again(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    with_outgoing(delivery, subject.video(media, login)).prepare_once()
    sandbox.admin("clock", {"offset_s": 25 * 3600})
    delivery.prepare()
    assert len(sandbox.calls("videos#start$")) == 2


@pytest.mark.parametrize("post", ["video", "reel"])
def test_a_video_that_cannot_be_processed_is_tried_twice_then_a_person_is_asked(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login, post: str
) -> None:
    outgoing = subject.SUBJECT.posts[post](media, login)
    assert outgoing.video
    broken = b"bukan video"
    film = replace(outgoing.video, size=len(broken), open=lambda: BytesIO(broken))
    with pytest.raises(Rejected) as told:
        with_outgoing(delivery, replace(outgoing, video=film)).settle()
    assert (told.value.code, public(sandbox)) == ("video_failed", [])


def test_a_video_in_the_works_is_waited_for_and_then_a_person_is_asked(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login, later: Later
) -> None:
    sandbox.admin("settings", {"container_delay_s": 36_000})
    with_outgoing(delivery, subject.reel(media, login)).prepare()
    taken = delivery.publish()
    assert isinstance(taken, Accepted)
    delivery.keep(taken.checkpoint)
    find = partial(delivery.channel.find, delivery.http, delivery.outgoing, delivery.checkpoint, delivery.since)
    assert isinstance(find(), Accepted)
    later(timedelta(hours=3))
    assert find() == CannotTell()


def test_the_token_goes_to_no_other_upload_host(scripted: ScriptedPlatform, media: MediaServer, login: Login) -> None:
    """Whatever stands in the answer: the address of the upload is the platform's own."""
    scripted.on("POST", "video_reels", Answer({"video_id": "1", "upload_url": "https://jahat.example/video-upload/1"}))
    prepared = Facebook().prepare(Http(scripted.url), subject.reel(media, login), {})
    assert "upload_url" not in prepared.checkpoint
    assert scripted.count("POST", "jahat") == 0


def test_a_link_and_photos_do_not_go_together(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    outgoing = replace(subject.photo(media, login), options={"link": "https://malangkota.go.id"})
    with pytest.raises(Rejected):
        with_outgoing(delivery, outgoing).settle()
    assert sandbox.calls(method="POST") == []


@pytest.mark.parametrize(("link", "good"), [("https://malangkota.go.id/a", True), ("malangkota.go.id", False)])
def test_a_link_must_be_an_address(link: str, good: bool) -> None:
    assert (rules.option_problems(Facebook(), {"link": link}, "post") == []) is good


def test_figures_of_many_posts_take_one_call(sandbox: SandboxProcess, delivery: Engine, login: Login) -> None:
    made = [sandbox.admin("posts", {"platform": "facebook", "account_id": login.external_id}) for _ in range(25)]
    for one in made:
        sandbox.admin(f"posts/{one['id']}/figures", {"views": 9, "reach": 8, "likes": 7, "comments": 6, "shares": 0})
    before = len(sandbox.calls(host="graph.facebook.com"))
    measured = Facebook().measure(delivery.http, login, [one["id"] for one in made])
    assert set(measured.values()) == {Stats(views=9, reach=8, likes=7, comments=6, shares=0)}
    assert (len(measured), len(sandbox.calls(host="graph.facebook.com")) - before) == (25, 1)


@pytest.mark.parametrize(
    "settings", [{"views_broken_down": True}, {"batch_null_every": 2}, {"batch_null_every": 1}], ids=str
)
def test_figures_survive_odd_batches(
    sandbox: SandboxProcess, delivery: Engine, login: Login, settings: dict[str, object]
) -> None:
    sandbox.admin("settings", settings)
    made = sandbox.admin("posts", {"platform": "facebook", "account_id": login.external_id})
    figures = {"views": 90, "reach": 80, "likes": 7, "comments": 6, "shares": 5}
    sandbox.admin(f"posts/{made['id']}/figures", figures)
    assert Facebook().measure(delivery.http, login, [made["id"]]) == {made["id"]: Stats(**figures)}


def test_a_reel_has_figures_of_its_own(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    settled = with_outgoing(delivery, subject.reel(media, login)).settle()
    assert isinstance(settled, Sent)
    sandbox.admin(f"posts/{settled.external_id}/figures", {"views": 40, "reach": 30, "likes": 2, "comments": 1})
    measured = Facebook().measure(delivery.http, login, [settled.external_id])[settled.external_id]
    assert (measured.views, measured.reach, measured.likes, measured.comments) == (40, 30, 2, 1)


def counted(likes: int) -> dict[str, Any]:
    return {"code": 200, "body": json.dumps({"reactions": {"summary": {"total_count": likes}}})}


def test_an_unknown_metric_loses_only_itself(scripted: ScriptedPlatform, login: Login) -> None:
    unknown = {"code": 400, "body": json.dumps({"error": {"code": 100, "message": "x"}})}
    scripted.on("POST", "/v25.0/", Answer([counted(3), unknown]))
    reach = {"data": [{"name": "post_total_media_view_unique", "values": [{"value": 12}]}]}
    scripted.on("GET", "insights", refusal(100))
    scripted.on("GET", "metric=post_total_media_view_unique", Answer(reach))
    assert Facebook().measure(Http(scripted.url), login, ["1_2"]) == {"1_2": Stats(reach=12, likes=3, shares=0)}


def test_without_the_right_to_insights_the_counters_are_still_told(scripted: ScriptedPlatform, login: Login) -> None:
    refused = {"code": 403, "body": json.dumps({"error": {"code": 200, "message": "x"}})}
    scripted.on("POST", "/v25.0/", Answer([counted(3), refused]))
    assert Facebook().measure(Http(scripted.url), login, ["1_2"]) == {"1_2": Stats(likes=3, shares=0)}


def test_a_page_tells_followers_and_its_last_day(sandbox: SandboxProcess, login: Login) -> None:
    told = Facebook().measure_account(Http(sandbox.url), login)
    assert told.followers
    assert told.followers >= 2400
    assert told.views
    assert told.reach
    small = sandbox.account("kim.kecil", platform="facebook", followers=12)
    told = Facebook().measure_account(Http(sandbox.url), Login(small["id"], "KIM", small["access_token"]))
    assert (told.followers, told.views, told.reach) == (12, None, None)


def test_the_first_comment_is_written_once(sandbox: SandboxProcess, delivery: Engine) -> None:
    delivery.outgoing = replace(delivery.outgoing, options={"first_comment": "Pesan lewat bio"})
    settled = delivery.settle()
    assert isinstance(settled, Sent)
    write = partial(Facebook().first_comment, delivery.http, delivery.outgoing, settled.external_id)
    sandbox.admin("faults", {"fault": "commit_then_drop", "path_regex": "comments$", "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        write()
    assert write() == write()
    ours = [
        one for one in Facebook().comments(delivery.http, delivery.outgoing.login, settled.external_id) if one.by_us
    ]
    assert [one.text for one in ours] == ["Pesan lewat bio"]


def test_comments_come_newest_first(sandbox: SandboxProcess, delivery: Engine, login: Login) -> None:
    made = sandbox.admin("posts", {"platform": "facebook", "account_id": login.external_id, "age_s": 90_000})
    found = Facebook().comments(delivery.http, login, made["id"])
    assert len(found) > 1
    assert [one.written_at for one in found] == sorted((one.written_at for one in found), reverse=True)
    assert all(one.author and one.permalink for one in found)


@pytest.fixture
def ears() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An address, and what rang there."""
    heard: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/dering/facebook", heard
    server.shutdown()
    server.server_close()


def test_a_ring_is_believed_by_its_signature_alone(
    sandbox: SandboxProcess, ears: tuple[str, list[tuple[dict[str, str], bytes]]]
) -> None:
    url, heard = ears
    ring = {"url": url, "secret": "rahasia", "account_id": "6155", "post_id": "6155_1", "times": 2}
    assert sandbox.admin("webhooks", ring) == {"statuses": [200, 200]}
    wait_until(lambda: len(heard) == 2)
    (headers, raw), again = heard
    assert again == (headers | {"Host": again[0]["Host"]}, raw)
    now = clock.now()
    assert Facebook().events("rahasia", headers, raw, now) == (Event("6155", "6155_1"),)
    assert Facebook().events("lain", headers, raw, now) is None
    assert Facebook().events("rahasia", headers, raw + b" ", now) is None
    assert Facebook().events("rahasia", {}, raw, now) is None
    assert Facebook().events("", headers, raw, now) is None


def test_a_ring_about_something_else_is_nothing(
    sandbox: SandboxProcess, ears: tuple[str, list[tuple[dict[str, str], bytes]]]
) -> None:
    url, heard = ears
    sandbox.admin("webhooks", {"url": url, "secret": "r", "object": "instagram", "account_id": "17", "post_id": "179"})
    [(headers, raw)] = heard
    assert Facebook().events("r", headers, raw, clock.now()) == ()
    assert meta_webhooks.events("r", headers, raw, meta_webhooks.INSTAGRAM) == (Event("17", "179"),)


def test_the_question_whether_the_address_is_ours_is_answered_with_our_word_alone() -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    ours = asked | {"hub.verify_token": meta_webhooks.verify_token("rahasia")}
    assert Facebook().handshake("rahasia", ours) == "1158201444"
    assert Facebook().handshake("rahasia", asked | {"hub.verify_token": "rahasia"}) is None
    assert Facebook().handshake("rahasia", asked) is None
    assert Facebook().handshake("rahasia", ours | {"hub.challenge": "<script>"}) is None
    assert "rahasia" not in meta_webhooks.verify_token("rahasia")


def test_find_without_anything_made_says_so(sandbox: SandboxProcess, media: MediaServer, login: Login) -> None:
    found = Facebook().find(Http(sandbox.url), subject.reel(media, login), {}, datetime.now(UTC))
    assert found == NotThere({})


def test_a_dead_login_stops_every_verb(sandbox: SandboxProcess, delivery: Engine, login: Login) -> None:
    sandbox.admin("tokens/revoke", {"account_id": login.external_id})
    http, channel = delivery.http, Facebook()
    for verb in (
        lambda: channel.check(http, login),
        lambda: channel.measure(http, login, ["1_2"]),
        lambda: channel.measure_account(http, login),
        lambda: channel.comments(http, login, "1_2"),
        lambda: channel.find(http, delivery.outgoing, {}, clock.now()),
    ):
        with pytest.raises(ChannelError) as caught:
            verb()
        assert isinstance(caught.value, LoginExpired)
