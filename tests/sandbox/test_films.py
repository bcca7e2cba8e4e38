"""Reels and stories: what is taken, what is not, how they read back, and the comments under them."""

from typing import Any

import pytest
import requests

from contentdesk.sandbox.movie import watch
from tests.channels.videos import mp4_bytes
from tests.sandbox.conftest import Graph, code_of, jpeg
from tests.servers import MediaServer, SandboxProcess

FILM = {"content_type": "video/mp4"}


def film_on(media: MediaServer, **shape: Any) -> str:
    return media.add("film.mp4", mp4_bytes(**shape), **FILM)


def test_the_length_and_the_sides_of_a_film_are_read(tmp_path: Any) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(mp4_bytes(seconds=7.2, width=640, height=360))
    film = watch(path)
    assert film is not None
    assert (round(film.seconds, 2), film.width, film.height, film.moov_first) == (7.2, 640, 360, True)
    for broken in (b"", b"kein Film", mp4_bytes()[:-200], b"\0\0\0\x18ftypmp42" + b"0" * 1000):
        path.write_bytes(broken)
        assert watch(path) is None


def test_a_film_becomes_a_reel_with_its_bytes_and_sides(
    sandbox: SandboxProcess, graph: Graph, media: MediaServer
) -> None:
    made = graph.finished(media_type="REELS", video_url=film_on(media), caption="Film", share_to_feed="false")
    post = graph.publish(made)["id"]
    [public] = sandbox.published()
    [film] = public["images"]
    assert (public["product"], film["width"], film["height"]) == ("REELS", 720, 1280)
    assert requests.get(sandbox.url + film["stored"], timeout=5).content == mp4_bytes()
    assert graph.get(post, fields="is_shared_to_feed")["is_shared_to_feed"] is False


@pytest.mark.parametrize(
    ("kind", "seconds", "word"),
    [
        ("REELS", 2, "ERROR"),
        ("REELS", 901, "ERROR"),
        ("REELS", 61, "FINISHED"),
        ("STORIES", 61, "ERROR"),
        ("STORIES", 60, "FINISHED"),
    ],
)
def test_a_film_has_to_have_the_right_length(
    graph: Graph, media: MediaServer, kind: str, seconds: float, word: str
) -> None:
    container = graph.container(media_type=kind, video_url=film_on(media, seconds=seconds, width=320, height=568))
    assert graph.settled(container)["status_code"] == word


def test_a_story_has_no_text_and_is_listed_for_a_day(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    made = graph.finished(media_type="STORIES", image_url=media.add("a.jpg", jpeg()), caption="zählt nicht")
    post = graph.publish(made)["id"]
    [public] = sandbox.published()
    assert (public["caption"], public["product"]) == ("", "STORY")
    assert public["permalink"] == f"https://www.instagram.com/stories/kim.latihan/{post}"
    assert requests.get(f"{sandbox.url}/{public['permalink'].removeprefix('https://')}/", timeout=5).ok
    assert [one["id"] for one in graph.get(f"{graph.id}/stories")["data"]] == [post]
    assert graph.get(f"{graph.id}/media")["data"] == []
    sandbox.admin("clock", {"offset_s": 86_500})
    assert graph.get(f"{graph.id}/stories")["data"] == []


def test_few_viewers_of_a_story_are_no_figures(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    post = graph.publish(graph.finished(media_type="STORIES", image_url=media.add("a.jpg", jpeg())))["id"]
    sandbox.admin(f"posts/{post}/figures", {"reach": 4})
    assert code_of(graph.get(f"{post}/insights", metric="reach")) == (10, None)
    sandbox.admin(f"posts/{post}/figures", {"reach": 5})
    assert graph.get(f"{post}/insights", metric="reach")["data"][0]["values"] == [{"value": 5}]
    assert code_of(graph.get(f"{post}/insights", metric="reach,likes")) == (100, None)


def test_collaborators_can_be_refused_for_a_carousel(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    url = media.add("a.jpg", jpeg())
    children = ",".join(graph.finished(image_url=url, is_carousel_item="true") for _ in range(2))
    wish = {"media_type": "CAROUSEL", "children": children, "collaborators": '["kim.lain"]'}
    assert "id" in graph.post(f"{graph.id}/media", **wish)
    sandbox.admin("settings", {"carousel_collaborators": False})
    assert code_of(graph.post(f"{graph.id}/media", **wish)) == (100, None)
    assert "id" in graph.post(f"{graph.id}/media", image_url=url, collaborators='["kim.lain"]')


def test_comments_come_page_by_page_newest_first(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    post = graph.publish(graph.finished(image_url=media.add("a.jpg", jpeg())))["id"]
    made = [graph.post(f"{post}/comments", message=f"ke-{n}")["id"] for n in range(5)]
    first = graph.get(f"{post}/comments", fields="id,username", limit=3)
    assert [row["id"] for row in first["data"]] == made[:1:-1]
    assert "next" in first["paging"]
    rest = graph.get(f"{post}/comments", limit=3, after=first["paging"]["cursors"]["after"])
    assert [row["id"] for row in rest["data"]] == made[1::-1]
    assert "next" not in rest["paging"]
    assert code_of(graph.post(f"{post}/comments", message="a" * 2201)) == (100, None)
