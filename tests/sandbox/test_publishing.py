"""From a picture on a web server to a public post, over real HTTP."""

import hashlib

import requests

from tests.sandbox.conftest import Graph, code_of, jpeg
from tests.servers import MediaServer, SandboxProcess


def test_a_picture_becomes_a_post_with_exactly_its_bytes_and_caption(
    sandbox: SandboxProcess, graph: Graph, media: MediaServer
) -> None:
    body = jpeg()
    caption = "Keripik tempe Bu Tatik 🌶️\n\nBaris dua: «100 % asli» & <b>murah</b> #malang"
    container = graph.finished(image_url=media.add("a.jpg", body), caption=caption, alt_text="Sebungkus keripik")
    post = graph.publish(container)
    assert post["id"] != container
    [public] = sandbox.published()
    assert public["caption"] == caption
    assert public["id"] == post["id"]
    [image] = public["images"]
    assert image["sha256"] == hashlib.sha256(body).hexdigest()
    assert (image["width"], image["height"], image["size"]) == (1080, 1350, len(body))
    assert image["alt_text"] == "Sebungkus keripik"
    assert requests.get(sandbox.url + image["stored"], timeout=5).content == body
    assert ("HEAD", "/a.jpg") in media.asked


def test_a_carousel_keeps_the_order_of_its_children(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    bodies = [jpeg(colour=colour) for colour in ("#111111", "#222222", "#333333")]
    children = [
        graph.finished(image_url=media.add(f"{n}.jpg", body), is_carousel_item="true", alt_text=f"ke-{n}")
        for n, body in enumerate(bodies)
    ]
    parent = graph.finished(media_type="CAROUSEL", children=",".join(reversed(children)), caption="Tiga")
    post = graph.publish(parent)["id"]
    [public] = sandbox.published()
    assert [image["alt_text"] for image in public["images"]] == ["ke-2", "ke-1", "ke-0"]
    shown = graph.get(post, fields="media_type,children{media_url,media_type}")
    assert shown["media_type"] == "CAROUSEL_ALBUM"
    assert len(shown["children"]["data"]) == 3


def test_publishing_too_early_is_refused_and_works_later(
    sandbox: SandboxProcess, graph: Graph, media: MediaServer
) -> None:
    sandbox.admin("settings", {"container_delay_s": 600})
    container = graph.container(image_url=media.add("a.jpg", jpeg()))
    assert code_of(graph.publish(container)) == (9007, 2207027)
    sandbox.admin("clock", {"offset_s": 1000})
    assert graph.settled(container)["status_code"] == "FINISHED"
    assert "id" in graph.publish(container)


def test_a_container_becomes_one_post_whatever_is_asked(
    sandbox: SandboxProcess, graph: Graph, media: MediaServer
) -> None:
    container = graph.finished(image_url=media.add("a.jpg", jpeg()))
    assert "id" in graph.publish(container)
    assert code_of(graph.publish(container)) == (24, 2207006)
    assert graph.status(container)["status_code"] == "PUBLISHED"
    assert len(sandbox.published()) == 1
    assert [call["committed"] for call in sandbox.calls("media_publish$")] == [True, False]


def test_a_container_expires_after_a_day(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    container = graph.finished(image_url=media.add("a.jpg", jpeg()))
    sandbox.admin("clock", {"offset_s": 86_401})
    assert graph.status(container)["status_code"] == "EXPIRED"
    assert code_of(graph.publish(container)) == (-2, 2207020)
    assert sandbox.published() == []


def test_the_quota_is_told_and_kept(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    sandbox.admin("settings", {"quota_total": 1})
    url = media.add("a.jpg", jpeg())
    first, second = graph.finished(image_url=url), graph.finished(image_url=url)
    graph.publish(first)
    limit = graph.get(f"{graph.id}/content_publishing_limit", fields="quota_usage,config")
    assert limit["data"] == [{"quota_usage": 1, "config": {"quota_total": 1, "quota_duration": 86400}}]
    assert code_of(graph.publish(second)) == (9, 2207042)
    assert len(sandbox.published()) == 1


def test_posts_by_hand_do_not_use_the_quota(sandbox: SandboxProcess, graph: Graph) -> None:
    sandbox.admin("posts", {"account_id": graph.id, "caption": "dari aplikasi"})
    assert graph.get(f"{graph.id}/content_publishing_limit")["data"] == [{"quota_usage": 0}]


def test_only_so_many_containers_a_day(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    sandbox.admin("settings", {"containers_per_day": 1})
    url = media.add("a.jpg", jpeg())
    graph.container(image_url=url)
    assert code_of(graph.post(f"{graph.id}/media", image_url=url)) == (9, 2207042)


def test_of_what_is_public_the_newest_so_many_are_told(sandbox: SandboxProcess, graph: Graph) -> None:
    for age_s, caption in ((30, "dulu"), (20, "tadi"), (10, "baru")):
        sandbox.admin("posts", {"account_id": graph.id, "caption": caption, "age_s": age_s})
    assert [post["caption"] for post in sandbox.admin("published?most=2")["posts"]] == ["baru", "tadi"]
