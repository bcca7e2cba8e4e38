"""What Instagram refuses, and with which code."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.channels.videos import mp4_bytes
from tests.sandbox.conftest import Graph, code_of, jpeg
from tests.servers import MediaServer, SandboxProcess


def failed_with(graph: Graph, **args: Any) -> str:
    status = graph.settled(graph.container(**args))
    assert status["status_code"] == "ERROR"
    return str(status["status"])


def in_format(name: str) -> bytes:
    held = BytesIO()
    Image.new("RGB", (800, 800)).save(held, name)
    return held.getvalue()


@pytest.mark.parametrize(
    ("body", "how", "subcode"),
    [
        (jpeg((800, 1002)), {}, 2207009),
        (jpeg((1920, 1000)), {}, 2207009),
        (jpeg((319, 319)), {}, 2207009),
        (jpeg(progressive=True), {}, 2207005),
        (in_format("PNG"), {"content_type": "image/png"}, 2207005),
        (in_format("PNG"), {}, 2207005),
        (jpeg()[:2000], {}, 2207005),
        (b"\xff\xd8" + b"0" * (8 * 1024 * 1024), {}, 2207004),
        (b"", {"status": 404}, 2207052),
        (b"", {"status": 302, "headers": {"Location": "/a.jpg"}}, 2207052),
        (b"<p>", {"content_type": "text/html"}, 2207052),
    ],
    ids=["tall", "wide", "narrow", "progressive", "png", "lying", "truncated", "heavy", "missing", "moved", "page"],
)
def test_a_picture_that_instagram_would_not_take_fails_in_its_container(
    graph: Graph, media: MediaServer, body: bytes, how: dict[str, Any], subcode: int
) -> None:
    status = failed_with(graph, image_url=media.add("bad.jpg", body, **how))
    assert status == f"Error: Media upload has failed with error code {subcode}"


@pytest.mark.parametrize("size", [(1080, 1350), (1080, 566), (1080, 1080), (320, 320), (1079, 1349), (1081, 566)])
def test_pictures_at_the_edges_are_taken(graph: Graph, media: MediaServer, size: tuple[int, int]) -> None:
    graph.finished(image_url=media.add("good.jpg", jpeg(size)))


def test_a_server_that_is_not_there_fails_the_container(graph: Graph, media: MediaServer) -> None:
    media.stop()
    assert "2207052" in failed_with(graph, image_url=f"{media.url}/a.jpg")


def test_a_slow_media_server_is_not_waited_for(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    import threading

    sandbox.admin("settings", {"fetch_timeout_s": 0.2})
    held = threading.Event()
    url = media.add("slow.jpg", jpeg(), wait=held)
    assert "2207003" in failed_with(graph, image_url=url)
    held.set()


def test_a_video_server_must_honour_ranges(graph: Graph, media: MediaServer) -> None:
    film = mp4_bytes()
    args = {"content_type": "video/mp4"}
    good = media.add("a.mp4", film, **args)
    bad = media.add("b.mp4", film, ranges=False, **args)
    assert "2207077" in failed_with(graph, media_type="REELS", video_url=bad)
    post = graph.publish(graph.finished(media_type="REELS", video_url=good, caption="Film"))["id"]
    shown = graph.get(post, fields="media_type,media_product_type,permalink")
    assert (shown["media_type"], shown["media_product_type"]) == ("VIDEO", "REELS")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"caption": "x" * 2201}, (36004, 2207010)),
        ({"caption": " ".join(f"#t{n}" for n in range(31))}, (36004, 2207010)),
        ({"caption": " ".join(f"@t{n}" for n in range(21))}, (100, 2207040)),
        ({"alt_text": "x" * 1001}, (100, None)),
        ({"is_carousel_item": "true", "caption": "x"}, (100, None)),
        ({"media_type": "PAINTING"}, (100, 2207023)),
        ({"media_type": "CAROUSEL", "children": "1"}, (100, 2207028)),
        ({"media_type": "CAROUSEL", "children": "1,2"}, (24, 2207006)),
        ({"media_type": "VIDEO"}, (100, None)),
        ({"image_url": "ftp://nowhere/a.jpg"}, (9004, 2207052)),
        ({"user_tags": "no list"}, (100, None)),
    ],
)
def test_a_wrong_container_is_refused_at_once(graph: Graph, args: dict[str, str], code: tuple[int, int | None]) -> None:
    wrong = {"image_url": "http://127.0.0.1:9/a.jpg"} | args
    assert code_of(graph.post(f"{graph.id}/media", **wrong)) == code


def test_captions_at_the_limit_are_taken(graph: Graph, media: MediaServer) -> None:
    tags = " ".join(f"#t{n}" for n in range(30)) + " " + " ".join(f"@t{n}" for n in range(20))
    graph.finished(image_url=media.add("a.jpg", jpeg()), caption=tags + "x" * (2200 - len(tags)))


def test_a_carousel_with_a_broken_child_is_refused(graph: Graph, media: MediaServer) -> None:
    good = graph.finished(image_url=media.add("a.jpg", jpeg()), is_carousel_item="true")
    bad = graph.container(image_url=media.add("b.jpg", jpeg((100, 100))), is_carousel_item="true")
    graph.settled(bad)
    reply = graph.post(f"{graph.id}/media", media_type="CAROUSEL", children=f"{good},{bad}")
    assert code_of(reply) == (24, 2207006)


def test_a_carousel_item_is_not_published_by_itself(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    child = graph.finished(image_url=media.add("a.jpg", jpeg()), is_carousel_item="true")
    assert code_of(graph.publish(child))[0] == 100
    assert sandbox.published() == []


def test_the_container_of_another_account_is_not_found(
    sandbox: SandboxProcess, graph: Graph, media: MediaServer
) -> None:
    other = Graph(sandbox, sandbox.account("lain"))
    container = graph.finished(image_url=media.add("a.jpg", jpeg()))
    assert code_of(other.publish(container)) == (24, 2207006)
    assert code_of(other.get(container, fields="status_code")) == (100, 33)
    assert code_of(other.post(f"{graph.id}/media", image_url="http://x/a.jpg")) == (100, 33)
    assert sandbox.published() == []


@pytest.mark.parametrize("version", ["v20.0", "v99.0"])
def test_old_and_unknown_versions_are_refused(sandbox: SandboxProcess, graph: Graph, version: str) -> None:
    import requests

    url = f"{sandbox.url}/graph.instagram.com/{version}/me"
    reply = requests.get(url, params={"access_token": graph.token}, timeout=5)
    assert reply.status_code == 400
    assert "id" in graph.get("me")


def test_the_language_of_an_error_follows_the_caller(sandbox: SandboxProcess, graph: Graph) -> None:
    texts = {graph.get("1", locale=locale)["error"]["message"] for locale in ("id_ID", "en_US")}
    assert len(texts) == 2
