"""What is special to YouTube: uploads in pieces that are taken up again, a session that remembers, a day's quota."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from contentdesk.channels.base import (
    CannotTell,
    ChannelError,
    NotThere,
    OutcomeUnknown,
    Outgoing,
    Rejected,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds import youtube_upload
from contentdesk.channels.kinds.youtube import YouTube
from contentdesk.channels.kinds.youtube_api import is_session
from contentdesk.channels.kinds.youtube_errors import until_new_day
from contentdesk.channels.rules import option_problems
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.line import TEXT
from tests.channels.scripted import Answer, ScriptedPlatform
from tests.channels.subjects.youtube import CHOSEN, clip, login_of
from tests.channels.videos import mp4_bytes
from tests.servers import SandboxProcess

CHANNEL = YouTube()
PIECE = 256 * 1024
UPLOAD = "/upload/youtube/v3/videos$"
BIG = mp4_bytes(1).ljust(3 * PIECE + 77, b"\0")
"""Four pieces of the smallest kind."""
A_WHILE = timedelta(minutes=11)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(youtube_upload, "PIECE", PIECE)


@pytest.fixture
def account(sandbox: SandboxProcess) -> dict[str, Any]:
    sandbox.admin("settings", {"youtube_list_delay_s": 0.0})
    return sandbox.account("kim.latihan", platform="youtube", followers=2400)


@pytest.fixture
def delivery(sandbox: SandboxProcess, account: dict[str, Any], later: Later) -> Engine:
    outgoing = Outgoing("d1", login_of(account), TEXT, (), CHOSEN, clip(BIG), "Keripik tempe")
    return Engine(Http(sandbox.url), "youtube", outgoing, later)


def by_hand(sandbox: SandboxProcess, account: dict[str, Any], **wishes: object) -> str:
    body = {"platform": "youtube", "account_id": account["id"], "title": "Keripik tempe", "caption": TEXT}
    return str(sandbox.admin("posts", body | wishes)["id"])


def lost(delivery: Engine, sandbox: SandboxProcess, fault: str = "commit_then_drop") -> Engine:
    delivery.prepare()
    sandbox.admin("faults", {"fault": fault, "method": "PUT", "path_regex": UPLOAD})
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    return delivery


def session_ends(sandbox: SandboxProcess) -> None:
    sandbox.admin("settings", {"youtube_session_s": 0.0})


def test_all_but_the_last_piece_is_there_before_anything_is_public(sandbox: SandboxProcess, delivery: Engine) -> None:
    delivery.prepare()
    assert sandbox.published() == []
    assert delivery.checkpoint["received"] == 3 * PIECE
    sent = delivery.publish()
    [public] = sandbox.published()
    assert isinstance(sent, Sent)
    assert (sent.external_id, sent.permalink, sent.note) == (public["id"], public["permalink"], "")
    assert public["images"][0]["sha256"] == hashlib.sha256(BIG).hexdigest()
    assert len(sandbox.calls(UPLOAD, "PUT")) == 4


def test_what_was_chosen_goes_out_as_it_was_chosen(sandbox: SandboxProcess, delivery: Engine) -> None:
    chosen = {"privacy": "unlisted", "made_for_kids": "yes", "synthetic": True, "title": "Judul sendiri"}
    delivery.outgoing = replace(delivery.outgoing, options=chosen)
    sent = delivery.settle()
    assert isinstance(sent, Sent)
    headers = {"Authorization": f"Bearer {delivery.outgoing.login.token}"}
    url = f"{sandbox.url}/www.googleapis.com/youtube/v3/videos?part=status,snippet&id={sent.external_id}"
    [video] = requests.get(url, headers=headers, timeout=5).json()["items"]
    assert (video["snippet"]["title"], video["snippet"]["tags"]) == ("Judul sendiri", ["malang"])
    assert video["status"]["privacyStatus"] == "unlisted"
    assert video["status"]["selfDeclaredMadeForKids"] is True
    assert video["status"]["containsSyntheticMedia"] is True


@pytest.mark.parametrize("missing", ["privacy", "made_for_kids"])
def test_what_nobody_chose_is_never_guessed(sandbox: SandboxProcess, delivery: Engine, missing: str) -> None:
    chosen = {name: value for name, value in CHOSEN.items() if name != missing}
    delivery.outgoing = replace(delivery.outgoing, options=chosen)
    assert [problem.option for problem in option_problems(CHANNEL, chosen, "short")] == [missing]
    with pytest.raises(Rejected):
        delivery.prepare()
    assert sandbox.calls(UPLOAD) == []


def test_a_platform_that_keeps_less_gets_the_rest(sandbox: SandboxProcess, delivery: Engine) -> None:
    youtube_upload.PIECE = 2 * PIECE  # the fixture puts it back
    sandbox.admin("settings", {"youtube_kept_bytes": PIECE})
    assert isinstance(delivery.settle(), Sent)
    assert sandbox.published()[0]["images"][0]["sha256"] == hashlib.sha256(BIG).hexdigest()


def test_a_platform_that_keeps_nothing_is_not_asked_hot(scripted: ScriptedPlatform, delivery: Engine) -> None:
    location = {"Location": "https://www.googleapis.com/upload/youtube/v3/videos?upload_id=1"}
    scripted.on("POST", "/upload/", Answer("", 200, location)).on("PUT", "/upload/", Answer("", 308))
    delivery.http = Http(scripted.url)
    for _ in range(1 + youtube_upload.MAX_REMADE):
        delivery.prepare_once()
    with pytest.raises(TryLater) as caught:
        delivery.prepare_once()
    assert caught.value.code == "standstill"


def test_a_session_that_ends_halfway_begins_anew_and_not_for_ever(sandbox: SandboxProcess, delivery: Engine) -> None:
    delivery.prepare_once()
    delivery.prepare_once()
    session_ends(sandbox)
    with pytest.raises(Rejected) as caught:
        delivery.prepare()
    assert caught.value.code == "session_404"
    assert len(sandbox.calls(UPLOAD, "POST")) <= 1 + youtube_upload.MAX_REMADE
    delivery.keep({})
    sandbox.admin("settings", {"youtube_session_s": 3600.0})
    assert isinstance(delivery.settle(), Sent)
    assert len(sandbox.published()) == 1


def test_a_session_that_ends_before_the_last_piece_begins_anew(sandbox: SandboxProcess, delivery: Engine) -> None:
    delivery.prepare()
    session_ends(sandbox)
    with pytest.raises(OutcomeUnknown) as caught:
        delivery.publish()
    assert caught.value.code == "notFound"
    assert delivery.look() is None
    sandbox.admin("settings", {"youtube_session_s": 3600.0})
    assert isinstance(delivery.settle(), Sent)
    assert len(sandbox.published()) == 1


def test_a_lost_last_answer_is_read_from_the_session(sandbox: SandboxProcess, delivery: Engine) -> None:
    found = lost(delivery, sandbox).look()
    assert isinstance(found, Sent)
    assert [post["id"] for post in sandbox.published()] == [found.external_id]


def test_a_last_piece_that_never_arrived_is_sent_alone(sandbox: SandboxProcess, delivery: Engine) -> None:
    lost(delivery, sandbox, "drop_before")
    before = len(sandbox.calls(UPLOAD, "PUT"))
    assert delivery.look() is None
    delivery.prepare()
    assert isinstance(delivery.publish(), Sent)
    assert len(sandbox.calls(UPLOAD, "PUT")) == before + 2
    assert len(sandbox.calls(UPLOAD, "POST")) == 1


def test_a_second_attempt_on_a_finished_upload_makes_no_second_video(sandbox: SandboxProcess, delivery: Engine) -> None:
    delivery.prepare()
    first = delivery.publish()
    assert delivery.publish() == first
    delivery.keep(delivery.checkpoint | {"received": 0})
    delivery.prepare()
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    assert delivery.look() == first
    assert len(sandbox.published()) == 1


def test_when_the_session_is_gone_the_video_is_found_among_the_uploads(
    sandbox: SandboxProcess, account: dict[str, Any], delivery: Engine
) -> None:
    by_hand(sandbox, account, age_s=3600)
    lost(delivery, sandbox)
    by_hand(sandbox, account, title="Kirab", caption="Kirab")
    session_ends(sandbox)
    [ours] = [post["id"] for post in sandbox.published() if not post["by_hand"]]
    found = delivery.look()
    assert isinstance(found, Sent)
    assert found.external_id == ours


@pytest.mark.parametrize("wishes", [{}, {"caption": "Teks lain"}])
def test_an_upload_that_looks_alike_is_for_a_person(
    sandbox: SandboxProcess, account: dict[str, Any], delivery: Engine, wishes: dict[str, str]
) -> None:
    """The same title: another description may be ours, changed in the app; the same one twice may be either."""
    lost(delivery, sandbox, "drop_before" if wishes else "commit_then_drop")
    by_hand(sandbox, account, **wishes)
    session_ends(sandbox)
    assert delivery.look() == CannotTell()


def test_what_is_missing_from_the_list_counts_as_absent_only_after_a_while(
    sandbox: SandboxProcess, delivery: Engine, later: Later
) -> None:
    lost(delivery, sandbox, "drop_before")
    session_ends(sandbox)
    with pytest.raises(TryLater) as caught:
        CHANNEL.find(delivery.http, delivery.outgoing, delivery.checkpoint, delivery.since)
    assert caught.value.after <= A_WHILE
    later(A_WHILE)
    found = CHANNEL.find(delivery.http, delivery.outgoing, delivery.checkpoint, delivery.since)
    assert found == NotThere({})


def test_a_finished_session_without_an_id_never_clears_the_way(
    scripted: ScriptedPlatform, delivery: Engine, later: Later
) -> None:
    """The session says that there is a video; the list does not show it. A second upload would be a double."""
    delivery.prepare()
    scripted.on("PUT", "/upload/", Answer({}, 201))
    scripted.on("GET", "/channels", Answer({"items": [{"contentDetails": {"relatedPlaylists": {"uploads": "UU1"}}}]}))
    scripted.on("GET", "/playlistItems", Answer({"items": []}))
    delivery.http = Http(scripted.url)
    later(A_WHILE)
    since = clock.now() - A_WHILE
    assert CHANNEL.find(delivery.http, delivery.outgoing, delivery.checkpoint, since) == CannotTell()


def test_a_locked_video_is_sent_with_a_word_about_it(sandbox: SandboxProcess, delivery: Engine) -> None:
    sandbox.admin("settings", {"youtube_audited": False})
    sent = delivery.settle()
    assert isinstance(sent, Sent)
    assert "pribadi" in sent.note
    delivery.keep({})
    delivery.outgoing = replace(delivery.outgoing, options=CHOSEN | {"privacy": "private"})
    wanted = delivery.settle()
    assert isinstance(wanted, Sent)
    assert wanted.note == ""


def test_an_empty_quota_waits_for_midnight_in_california(sandbox: SandboxProcess, delivery: Engine) -> None:
    sandbox.admin("settings", {"youtube_uploads_per_day": 0})
    with pytest.raises(TryLater) as caught:
        delivery.prepare_once()
    assert caught.value.code == "quotaExceeded"
    assert caught.value.after == pytest.approx(until_new_day(clock.now()), abs=timedelta(seconds=5))


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 1, 10, 7, 0, tzinfo=UTC), 1.0),
        (datetime(2026, 7, 10, 7, 0, tzinfo=UTC), 24.0),
        (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), 23.0),
    ],
)
def test_midnight_in_california_knows_summer_time(now: datetime, hours: float) -> None:
    assert until_new_day(now) == timedelta(hours=hours, minutes=1)


def test_a_full_day_of_the_channel_waits_a_day(sandbox: SandboxProcess, delivery: Engine) -> None:
    sandbox.admin("settings", {"youtube_channel_uploads_per_day": 0})
    with pytest.raises(TryLater) as caught:
        delivery.prepare_once()
    assert caught.value.after == timedelta(hours=24)


def test_the_token_goes_to_the_platform_alone(scripted: ScriptedPlatform, delivery: Engine) -> None:
    assert is_session("https://www.googleapis.com/upload/x?upload_id=1")
    for address in (
        "",
        "http://www.googleapis.com/x",
        "https://jahat.example/x",
        "https://www.googleapis.com@jahat.id/",
        "https://jahat.example\\.googleapis.com/x",
        "https://www.googleapis.com:8443/x",
    ):
        assert not is_session(address)
    scripted.on("POST", "/upload/", Answer("", 200, {"Location": "https://jahat.example/x"}))
    delivery.http = Http(scripted.url)
    with pytest.raises(TryLater):
        delivery.prepare_once()
    assert scripted.count("PUT", "") == 0


def test_nothing_that_is_told_holds_a_token(sandbox: SandboxProcess, delivery: Engine) -> None:
    told = []
    for fault in ("5xx", "not_json", "drop_before", "error"):
        sandbox.admin("faults", {"fault": fault, "method": "POST", "path_regex": UPLOAD})
        with pytest.raises(ChannelError) as caught:
            delivery.prepare_once()
        told.append(f"{caught.value!r} {caught.value.code} {caught.value.values}")
    assert delivery.outgoing.login.token not in "".join(told)
    assert all(delivery.outgoing.login.token not in str(call["query"]) for call in sandbox.calls())
