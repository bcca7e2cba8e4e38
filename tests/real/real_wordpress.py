"""Against WordPress itself."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
import requests

from contentdesk.channels.base import Login, LoginExpired, NotAllowed, NotThere, Outgoing, Rejected, Sent
from contentdesk.channels.kinds.wordpress import WordPress
from contentdesk.channels.kinds.wordpress_draft import slug
from contentdesk.lib import ids
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.sent_photos import photos_sent
from tests.real.cutting import CutWire
from tests.real.processes import Blog

CHANNEL = WordPress()
TEXT = "Pasar <b>Minggu</b> & sore, lihat https://kim.latihan.test/pasar?a=1&b=2.\nDatang ya!\n\nSalam #PasarMinggu"


def login_at(http: Http, blog: Blog, url: str = "", user: str = "admin") -> Login:
    answers = {"site": url or blog.url, "user": user, "key": blog.passwords[user]}
    [login] = CHANNEL.sign_in(http, answers)
    return login


def delivery(http: Http, login: Login, later: Later, **more: Any) -> Engine:
    outgoing = replace(Outgoing(ids.new(), login, TEXT, (), title="Pasar Minggu"), **more)
    return Engine(http, "wordpress", outgoing, later)


def read(blog: Blog, path: str) -> Any:
    """As a visitor."""
    return requests.get(f"{blog.url}/wp-json/wp/v2/{path}", timeout=20).json()


def public(blog: Blog, engine: Engine) -> list[dict[str, Any]]:
    """Also under the names a second post would have got."""
    rows = read(blog, "posts?per_page=100")
    return [row for row in rows if row["slug"].startswith(slug(engine.outgoing))]


def test_the_server_is_wordpress(blog: Blog) -> None:
    print(f"WordPress {blog.version}")
    assert requests.get(f"{blog.url}/wp-json/", timeout=20).json()["name"] == "Blog latihan"


def test_an_account_is_connected(http: Http, blog: Blog) -> None:
    login = login_at(http, blog)
    assert login.details["rest"] == "path"
    CHANNEL.check(http, login)


def test_a_wrong_password_and_a_user_without_rights_are_told(http: Http, blog: Blog) -> None:
    with pytest.raises(LoginExpired):
        CHANNEL.sign_in(http, {"site": blog.url, "user": "admin", "key": "salah"})
    with pytest.raises(NotAllowed):
        login_at(http, blog, user="magang")


def test_a_text_is_published_as_it_was_written(http: Http, blog: Blog, later: Later) -> None:
    engine = delivery(http, login_at(http, blog), later)
    settled = engine.settle()
    assert isinstance(settled, Sent)
    [post] = public(blog, engine)
    assert (str(post["id"]), post["link"]) == (settled.external_id, settled.permalink)
    assert post["title"]["rendered"] == "Pasar Minggu"
    assert "Pasar &lt;b&gt;Minggu&lt;/b&gt; &amp; sore" in post["content"]["rendered"]
    assert "a=1&#038;b=2" in post["content"]["rendered"] or "a=1&amp;b=2" in post["content"]["rendered"]
    assert [tag["name"] for tag in read(blog, f"tags?post={post['id']}")] == ["PasarMinggu"]


def test_photos_arrive_with_their_bytes_and_words(http: Http, blog: Blog, later: Later) -> None:
    photos = photos_sent(2)
    engine = delivery(
        http, login_at(http, blog), later, photos=photos, options={"categories": "Kuliner, Seni & Budaya"}
    )
    assert isinstance(engine.settle(), Sent)
    [post] = public(blog, engine)
    media = [read(blog, f"media/{one['id']}") for one in engine.checkpoint["media"]]
    assert [one["alt_text"] for one in media] == [photo.alt_text for photo in photos]
    bodies = [requests.get(one["source_url"], timeout=20).content for one in media]
    assert [sha256(body).hexdigest() for body in bodies] == [photo.sha256 for photo in photos]
    assert post["featured_media"] == media[0]["id"]
    assert all(f"wp-image-{one['id']}" in post["content"]["rendered"] for one in media)
    names = {row["name"] for row in read(blog, f"categories?post={post['id']}")}
    assert names == {"Kuliner", "Seni &amp; Budaya"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_cut_off_call_makes_one_post(http: Http, blog: Blog, later: Later, wire: CutWire, when: str) -> None:
    wire.target = blog.url
    engine = delivery(http, login_at(http, blog, wire.url), later, photos=photos_sent(1))
    wire.cut(when, r"POST .*/posts/\d+$")
    assert isinstance(engine.settle(), Sent)
    assert len(public(blog, engine)) == 1
    assert len([call for call in wire.seen if call.startswith("POST") and "/posts/" in call]) == (
        2 if when == "before" else 1
    )


@pytest.mark.parametrize("path", [r"POST .*/media$", r"POST .*/tags$", r"POST .*/posts$"])
def test_a_cut_on_the_way_makes_one_post(http: Http, blog: Blog, later: Later, wire: CutWire, path: str) -> None:
    wire.target = blog.url
    text = f"Pasar #{ids.new()[-12:]}"
    engine = delivery(http, login_at(http, blog, wire.url), later, photos=photos_sent(1), text=text)
    wire.cut("after", path)
    assert isinstance(engine.settle(), Sent)
    assert len(public(blog, engine)) == 1


def test_publishing_twice_is_the_same_post(http: Http, blog: Blog, later: Later) -> None:
    engine = delivery(http, login_at(http, blog), later)
    engine.prepare()
    assert engine.publish() == engine.publish()
    assert len(public(blog, engine)) == 1


def test_a_draft_whose_id_was_lost_is_found_by_its_name(http: Http, blog: Blog, later: Later) -> None:
    engine = delivery(http, login_at(http, blog), later)
    engine.prepare()
    found = CHANNEL.find(http, engine.outgoing, {}, engine.since)
    assert found == NotThere({"post": engine.checkpoint["post"]})


def test_a_draft_in_the_bin_is_made_anew(http: Http, blog: Blog, later: Later) -> None:
    login = login_at(http, blog)
    engine = delivery(http, login, later)
    engine.prepare()
    place = f"{blog.url}/wp-json/wp/v2/posts/{engine.checkpoint['post']}"
    requests.delete(place, auth=("admin", blog.passwords["admin"]), timeout=20).raise_for_status()
    assert isinstance(engine.settle(), Sent)
    assert len(public(blog, engine)) == 1


def test_an_author_may_publish_but_make_no_categories(http: Http, blog: Blog, later: Later) -> None:
    login = login_at(http, blog, user="penulis")
    assert isinstance(delivery(http, login, later).settle(), Sent)
    with pytest.raises(Rejected):
        delivery(http, login, later, options={"categories": "Belum ada"}).settle()


def test_comments_are_counted_and_read(http: Http, blog: Blog, later: Later) -> None:
    login = login_at(http, blog)
    settled = delivery(http, login, later).settle()
    assert isinstance(settled, Sent)
    said = {"post": settled.external_id, "content": "Buka jam <b>berapa</b>?"}
    for name in ("admin", "penulis"):
        auth = (name, blog.passwords[name])
        requests.post(f"{blog.url}/wp-json/wp/v2/comments", json=said, auth=auth, timeout=20).raise_for_status()
    measured = CHANNEL.measure(http, login, [settled.external_id, "999999"])
    assert {key: stats.comments for key, stats in measured.items()} == {settled.external_id: 2}
    comments = CHANNEL.comments(http, login, settled.external_id).newest
    assert {comment.by_us for comment in comments} == {True, False}
    assert comments[0].text == "Buka jam berapa?"


def test_without_readable_addresses_it_works_too(http: Http, blog: Blog, later: Later) -> None:
    login = login_at(http, blog)
    plain = replace(login, details={**login.details, "rest": "query"})
    CHANNEL.check(http, plain)
    engine = delivery(http, plain, later, photos=photos_sent(1))
    assert isinstance(engine.settle(), Sent)
    assert len(public(blog, engine)) == 1
