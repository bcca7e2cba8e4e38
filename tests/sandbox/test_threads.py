"""Threads as a caller sees it: its words for the state of a container, its limits, its two shapes of figures."""

from typing import Any

import pytest
import requests

from tests.channels.videos import mp4_bytes
from tests.sandbox.conftest import code_of, jpeg
from tests.servers import MediaServer, SandboxProcess, wait_until


class Caller:
    """With the token of one account."""

    def __init__(self, sandbox: SandboxProcess, **wishes: Any) -> None:
        account = sandbox.account("kim.latihan", platform="threads", followers=2400, **wishes)
        self.id, self.token, self.url = account["id"], account["access_token"], sandbox.url

    def ask(self, method: str, path: str, **args: Any) -> Any:
        url = f"{self.url}/graph.threads.net/v1.0/{path}"
        headers = {"Authorization": f"Bearer {self.token}"}
        body = {"params": args} if method == "GET" else {"data": args}
        return requests.request(method, url, headers=headers, timeout=10, **body).json()  # type: ignore[arg-type]  # one of two

    def container(self, **args: Any) -> str:
        made = self.ask("POST", f"{self.id}/threads", **args)
        assert "id" in made, made
        return str(made["id"])

    def settled(self, container: str) -> dict[str, Any]:
        def ask() -> dict[str, Any] | None:
            told = self.ask("GET", container, fields="status,error_message")
            return told if told.get("status") != "IN_PROGRESS" else None

        return dict(wait_until(ask))

    def publish(self, container: str) -> Any:
        return self.ask("POST", f"{self.id}/threads_publish", creation_id=container)


@pytest.fixture
def caller(sandbox: SandboxProcess) -> Caller:
    return Caller(sandbox)


def test_a_text_becomes_a_post_that_can_be_read_and_opened(sandbox: SandboxProcess, caller: Caller) -> None:
    container = caller.container(media_type="TEXT", text="Halo Malang")
    assert caller.settled(container) == {"id": container, "status": "FINISHED"}
    post = caller.publish(container)["id"]
    shown = caller.ask("GET", post, fields="text,media_type,permalink")
    assert (shown["text"], shown["media_type"]) == ("Halo Malang", "TEXT_POST")
    page = requests.get(f"{sandbox.url}/{shown['permalink'].removeprefix('https://')}", timeout=5)
    assert "Halo Malang" in page.text
    assert [one["id"] for one in caller.ask("GET", f"{caller.id}/threads", fields="id")["data"]] == [post]
    assert caller.settled(container)["status"] == "PUBLISHED"
    assert code_of(caller.publish(container)) == (24, 4279009)
    assert len(sandbox.published()) == 1


def test_a_carousel_keeps_the_order_and_wants_two(sandbox: SandboxProcess, caller: Caller, media: MediaServer) -> None:
    photo = media.add("a.jpg", jpeg())
    film = media.add("b.mp4", mp4_bytes(), content_type="video/mp4")
    children = [
        caller.container(media_type="VIDEO", video_url=film, is_carousel_item="true"),
        caller.container(media_type="IMAGE", image_url=photo, is_carousel_item="true", alt_text="Keripik"),
    ]
    assert [caller.settled(child)["status"] for child in children] == ["FINISHED"] * 2
    one = caller.ask("POST", f"{caller.id}/threads", media_type="CAROUSEL", children=children[0])
    assert code_of(one) == (100, None)
    parent = caller.container(media_type="CAROUSEL", children=",".join(children), text="Dua")
    caller.settled(parent)
    caller.publish(parent)
    [public] = sandbox.published()
    assert [part["content_type"] for part in public["images"]] == ["video/mp4", "image/jpeg"]
    assert public["images"][1]["alt_text"] == "Keripik"


def test_why_a_container_failed_is_a_word(caller: Caller, media: MediaServer) -> None:
    long = media.add("lang.mp4", mp4_bytes(301, 320, 320), content_type="video/mp4")
    broken = media.add("kaputt.mp4", b"kein Film", content_type="video/mp4")
    missing = f"{media.url}/fehlt.mp4"
    words = [caller.settled(caller.container(media_type="VIDEO", video_url=url)) for url in (long, broken, missing)]
    assert [told["error_message"] for told in words] == [
        "INVALID_DURATION",
        "FAILED_PROCESSING_VIDEO",
        "FAILED_DOWNLOADING_VIDEO",
    ]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"text": "a" * 501}, (100, None)),
        ({"text": "a" * 497 + "👍"}, (100, None)),
        ({"text": "https://a.id " * 6}, (100, None)),
        ({"text": "x", "topic_tag": "a.b"}, (100, 4279071)),
        ({"text": "x", "reply_control": "nobody"}, (100, None)),
        ({"text": ""}, (100, None)),
        ({"media_type": "STORY"}, (100, None)),
    ],
)
def test_what_is_too_much_is_refused(caller: Caller, args: dict[str, str], code: tuple[int, int | None]) -> None:
    assert code_of(caller.ask("POST", f"{caller.id}/threads", **{"media_type": "TEXT"} | args)) == code
    assert caller.container(media_type="TEXT", text="a" * 496 + "👍")


def test_a_new_container_can_be_unknown_for_a_moment(sandbox: SandboxProcess, caller: Caller) -> None:
    sandbox.admin("settings", {"threads_appear_s": 60.0})
    container = caller.container(media_type="TEXT", text="Halo")
    assert code_of(caller.ask("GET", container, fields="status")) == (24, 4279009)
    assert code_of(caller.publish(container)) == (24, 4279009)
    sandbox.admin("clock", {"offset_s": 61})
    assert caller.settled(container)["status"] == "FINISHED"


def test_the_quota_is_told_and_kept(sandbox: SandboxProcess, caller: Caller) -> None:
    sandbox.admin("settings", {"threads_quota_total": 1})
    first, second = (caller.container(media_type="TEXT", text=f"ke-{n}") for n in range(2))
    for container in (first, second):
        caller.settled(container)
    caller.publish(first)
    limit = caller.ask("GET", f"{caller.id}/threads_publishing_limit", fields="quota_usage,config")
    assert limit["data"] == [{"quota_usage": 1, "config": {"quota_total": 1, "quota_duration": 86400}}]
    assert code_of(caller.publish(second)) == (9, 2207042)


def test_replies_stand_under_their_post_and_have_a_quota_of_their_own(sandbox: SandboxProcess, caller: Caller) -> None:
    sandbox.admin("settings", {"threads_quota_total": 1, "threads_reply_quota_total": 1})

    def published(**args: str) -> Any:
        container = caller.container(media_type="TEXT", **args)
        caller.settled(container)
        return caller.publish(container)

    post = published(text="Keripik tempe")["id"]
    assert published(text="Buka pukul 7", reply_to_id=post)["id"] != post
    assert code_of(published(text="Sampai pukul 9", reply_to_id=post)) == (9, 2207042)
    told = caller.ask("GET", f"{caller.id}/threads_publishing_limit", fields="quota_usage,reply_quota_usage")
    assert told["data"] == [{"quota_usage": 1, "reply_quota_usage": 1}]
    assert [one["id"] for one in caller.ask("GET", f"{caller.id}/threads", fields="id")["data"]] == [post]
    replies = caller.ask("GET", f"{post}/replies", fields="text,is_reply_owned_by_me")["data"]
    assert [(one["text"], one["is_reply_owned_by_me"]) for one in replies] == [("Buka pukul 7", True)]
    nowhere = caller.ask("POST", f"{caller.id}/threads", media_type="TEXT", text="x", reply_to_id="1")
    assert code_of(nowhere) == (24, 4279009)


def test_figures_have_two_shapes_and_one_wrong_name_fails_them_all(caller: Caller) -> None:
    told = caller.ask("GET", f"{caller.id}/threads_insights", metric="views,likes")["data"]
    assert [("values" in one, "total_value" in one) for one in told] == [(True, False), (False, True)]
    assert code_of(caller.ask("GET", f"{caller.id}/threads_insights", metric="views,reach")) == (100, None)
    ranged = caller.ask("GET", f"{caller.id}/threads_insights", metric="followers_count", since="1", until="2")
    assert code_of(ranged) == (100, None)


def test_a_token_of_another_platform_is_none_here(sandbox: SandboxProcess, caller: Caller) -> None:
    caller.token = sandbox.account("kim.lain")["access_token"]
    assert code_of(caller.ask("GET", "me", fields="id")) == (190, None)
