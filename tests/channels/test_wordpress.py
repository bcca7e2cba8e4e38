"""WordPress: what its contract with us has besides the common one."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import requests

from contentdesk.channels.base import (
    CannotTell,
    ChannelError,
    Login,
    LoginExpired,
    NotAllowed,
    NotThere,
    Outgoing,
    Rejected,
    Sent,
    Stats,
    TryLater,
)
from contentdesk.channels.kinds.html_words import words_of
from contentdesk.channels.kinds.wordpress import WordPress
from contentdesk.channels.kinds.wordpress_html import Picture, content, title
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.scripted import HTML, Answer, ScriptedPlatform
from tests.channels.sent_photos import photos_sent
from tests.servers import SandboxProcess

CHANNEL = WordPress()


def opened(sandbox: SandboxProcess, **wishes: object) -> dict[str, str]:
    account = sandbox.account("penulis", platform="wordpress", **wishes)
    return {"site": account["site"], "user": account["username"], "key": account["access_token"]}


def signed_in(sandbox: SandboxProcess, **wishes: object) -> Login:
    [login] = CHANNEL.sign_in(Http(sandbox.url), opened(sandbox, **wishes))
    return login


def delivery(sandbox: SandboxProcess, later: Later, **more: Any) -> Engine:
    login = more.pop("login", None) or signed_in(sandbox)
    outgoing = replace(Outgoing("d1", login, "Pasar ramai #Pasar", (), title="Pasar"), **more)
    return Engine(Http(sandbox.url), "wordpress", outgoing, later)


def by_the_owner(sandbox: SandboxProcess, login: Login, route: str, **body: object) -> Any:
    """What somebody does on the site, past us."""
    url = f"{sandbox.url}/blog.latihan.test/wp-json/wp/v2/{route}"
    return requests.post(url, json=body, auth=(login.details["user"], login.token), timeout=10).json()


def test_the_address_is_taken_as_people_write_it(sandbox: SandboxProcess) -> None:
    answers = opened(sandbox) | {"site": " Blog.Latihan.test/ "}
    [login] = CHANNEL.sign_in(Http(sandbox.url), answers)
    assert (login.handle, login.details["site"]) == ("blog.latihan.test", "https://blog.latihan.test")
    assert login.external_id.startswith("blog.latihan.test#")


@pytest.mark.parametrize("site", ["http://blog.latihan.test", "ftp://blog.latihan.test", "kim", "", "https://a:b@c.id"])
def test_an_address_that_cannot_be_right_is_refused_before_the_password_leaves(
    sandbox: SandboxProcess, site: str
) -> None:
    with pytest.raises(Rejected):
        CHANNEL.sign_in(Http(sandbox.url), opened(sandbox) | {"site": site})
    assert sandbox.calls() == []


@pytest.mark.parametrize("site", ["https://10.1.2.3", "https://127.0.0.1:8080/blog", "http://localhost", "[::1]"])
def test_a_private_address_is_refused_with_a_sentence(site: str) -> None:
    with pytest.raises(Rejected) as told:
        CHANNEL.sign_in(Http(), {"site": site, "user": "a", "key": "b"})
    assert told.value.sentence


@pytest.mark.parametrize(
    "location", ["http://10.0.0.7/wp-json/", "https://lain.example/wp-json/", "http://satu.test/x"]
)
def test_a_redirect_out_of_the_site_is_refused_and_never_followed(scripted: ScriptedPlatform, location: str) -> None:
    scripted.on("GET", "", Answer("", 301, {"Location": location}))
    with pytest.raises(Rejected) as told:
        CHANNEL.sign_in(Http(scripted.url), {"site": "satu.test", "user": "a", "key": "rahasia"})
    assert told.value.sentence % told.value.values
    assert all(asked.startswith("GET /satu.test/") for asked in scripted.asked)


def test_a_page_that_is_no_wordpress_is_told(scripted: ScriptedPlatform) -> None:
    scripted.on("GET", "", HTML)
    with pytest.raises(Rejected) as told:
        CHANNEL.sign_in(Http(scripted.url), {"site": "satu.test", "user": "a", "key": "b"})
    assert told.value.code == "not_one"


def test_a_wrong_password_says_where_to_make_one(sandbox: SandboxProcess) -> None:
    with pytest.raises(LoginExpired) as told:
        CHANNEL.sign_in(Http(sandbox.url), opened(sandbox) | {"key": "salah salah"})
    assert "salah" not in f"{told.value} {told.value.values}"


def test_a_site_that_does_not_answer_is_told_while_a_person_waits(sandbox: SandboxProcess) -> None:
    sandbox.admin("faults", {"fault": "drop_before", "times": None})
    with pytest.raises(TryLater) as told:
        CHANNEL.sign_in(Http(sandbox.url), {"site": "blog.latihan.test", "user": "a", "key": "b"})
    assert "blog.latihan.test" in told.value.sentence % told.value.values


def test_a_site_that_breaks_while_connecting_promises_nothing(sandbox: SandboxProcess) -> None:
    answers = opened(sandbox)
    sandbox.admin("faults", {"fault": "5xx", "path_regex": "users/me$"})
    with pytest.raises(TryLater) as told:
        CHANNEL.sign_in(Http(sandbox.url), answers)
    assert "Tidak ada yang berubah" in told.value.sentence % told.value.values


def test_a_user_who_may_not_publish_is_told_at_once(sandbox: SandboxProcess) -> None:
    with pytest.raises(NotAllowed):
        signed_in(sandbox, role="contributor")


def test_a_site_without_readable_addresses_works_too(sandbox: SandboxProcess, later: Later) -> None:
    sandbox.admin("settings", {"wordpress_plain": True})
    settled = delivery(sandbox, later, photos=photos_sent(1)).settle()
    assert isinstance(settled, Sent)
    assert len(sandbox.published()) == 1


def test_categories_and_hashtags_become_terms_once(sandbox: SandboxProcess, later: Later) -> None:
    login = signed_in(sandbox)
    known = by_the_owner(sandbox, login, "categories", name="Seni & Budaya")["id"]
    for number in (1, 2):
        options = {"categories": "seni & budaya, Kuliner"}
        delivery(sandbox, later, login=login, delivery_id=f"d{number}", options=options).settle()
    posts = requests.get(f"{sandbox.url}/blog.latihan.test/wp-json/wp/v2/posts", timeout=10).json()
    first, second = posts
    assert (first["categories"], first["tags"]) == (second["categories"], second["tags"])
    assert first["categories"][0] == known
    assert len(first["categories"]) == 2
    assert len(first["tags"]) == 1


def test_a_term_that_another_made_just_now_is_taken(sandbox: SandboxProcess, scripted: ScriptedPlatform) -> None:
    outgoing = Outgoing("d1", signed_in(sandbox), "Pasar ramai #Pasar", ())
    scripted.on("GET", "tags", Answer([]))
    scripted.on("POST", "tags$", Answer({"code": "term_exists", "data": {"status": 400, "term_id": 7}}, 400))
    prepared = CHANNEL.prepare(Http(scripted.url), outgoing, {})
    assert prepared.checkpoint["terms"] == {"tags:Pasar": 7}


def test_a_category_that_the_user_may_not_make_is_a_persons_choice(sandbox: SandboxProcess, later: Later) -> None:
    login = signed_in(sandbox, role="author")
    with pytest.raises(Rejected) as told:
        delivery(sandbox, later, login=login, options={"categories": "Baru"}).settle()
    assert "Baru" in told.value.sentence % told.value.values


def test_a_file_that_the_site_never_takes_is_refused_though_it_says_500(sandbox: SandboxProcess, later: Later) -> None:
    fault = {"fault": "error", "code": "rest_upload_sideload_error", "http": 500, "path_regex": "media$"}
    sandbox.admin("faults", fault)
    with pytest.raises(Rejected):
        delivery(sandbox, later, photos=photos_sent(1)).settle()


def test_what_goes_out_is_what_was_approved_whoever_touched_the_draft(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    engine.prepare()
    by_the_owner(sandbox, engine.outgoing.login, f"posts/{engine.checkpoint['post']}", content="<p>Lain</p>")
    assert isinstance(engine.publish(), Sent)
    assert [post["caption"] for post in sandbox.published()] == [engine.outgoing.text]


def deleted(sandbox: SandboxProcess, login: Login, post_id: int, force: str) -> None:
    url = f"{sandbox.url}/blog.latihan.test/wp-json/wp/v2/posts/{post_id}"
    auth = (login.details["user"], login.token)
    requests.delete(url, params={"force": force}, auth=auth, timeout=10).raise_for_status()


def test_a_draft_whose_id_was_lost_is_taken_up_again(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    engine.prepare()
    engine.checkpoint.pop("post")
    assert isinstance(engine.settle(), Sent)
    assert len(sandbox.calls("v2/posts$", "POST")) == 1


@pytest.mark.parametrize("force", ["true", "false"])
def test_a_draft_that_somebody_deleted_is_made_anew(sandbox: SandboxProcess, later: Later, force: str) -> None:
    engine = delivery(sandbox, later)
    engine.prepare()
    deleted(sandbox, engine.outgoing.login, engine.checkpoint["post"], force)
    assert isinstance(engine.settle(), Sent)
    assert len(sandbox.published()) == 1


@pytest.mark.parametrize("force", ["true", "false"])
def test_a_post_that_somebody_deleted_is_for_a_person(sandbox: SandboxProcess, later: Later, force: str) -> None:
    """It may have been public: publishing it anew is nobody's choice but theirs."""
    engine = delivery(sandbox, later)
    engine.prepare()
    engine.publish()
    deleted(sandbox, engine.outgoing.login, engine.checkpoint["post"], force)
    assert engine.look() == CannotTell()


def test_a_post_that_the_site_holds_back_is_not_called_sent(
    sandbox: SandboxProcess, scripted: ScriptedPlatform
) -> None:
    login = signed_in(sandbox)
    scripted.on("POST", "posts/5$", Answer({"id": 5, "status": "pending", "link": "https://blog.latihan.test/?p=5"}))
    with pytest.raises(NotAllowed):
        CHANNEL.publish(Http(scripted.url), Outgoing("d1", login, "Teks", ()), {"post": 5})


def test_a_draft_is_certainly_not_public(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    engine.prepare()
    found = CHANNEL.find(engine.http, engine.outgoing, {}, engine.since)
    assert found == NotThere({"post": engine.checkpoint["post"]})


def test_comments_are_counted_and_read(sandbox: SandboxProcess, later: Later) -> None:
    engine = delivery(sandbox, later)
    settled = engine.settle()
    assert isinstance(settled, Sent)
    sandbox.admin(f"posts/{settled.external_id}/figures", {"comments": 3})
    login, http = engine.outgoing.login, engine.http
    assert CHANNEL.measure(http, login, [settled.external_id])[settled.external_id].comments == 3
    comments = CHANNEL.comments(http, login, settled.external_id).newest
    assert len(comments) == 3
    assert comments == sorted(comments, key=lambda comment: comment.written_at, reverse=True)
    assert comments[0].text
    assert not comments[0].by_us


def test_comments_of_one_post_that_are_not_ours_to_count_lose_no_other(sandbox: SandboxProcess) -> None:
    """A site that wants to be left alone says nothing of its posts: they are not counted as gone."""
    login, http = signed_in(sandbox), Http(sandbox.url)
    wish = {"platform": "wordpress", "account_id": login.external_id, "figures": {"comments": 3}}
    first, second = (str(sandbox.admin("posts", wish | {"caption": "x"})["id"]) for _ in range(2))
    sandbox.admin("faults", {"fault": "error", "code": "rest_forbidden", "http": 403, "path_regex": "comments$"})
    assert CHANNEL.measure(http, login, [first, second]) == {first: Stats(), second: Stats(comments=3)}
    sandbox.admin("faults", {"fault": "5xx", "path_regex": "comments$"})
    with pytest.raises(TryLater):
        CHANNEL.measure(http, login, [first, second])


def test_a_login_can_be_checked(sandbox: SandboxProcess) -> None:
    login, http = signed_in(sandbox), Http(sandbox.url)
    CHANNEL.check(http, login)
    sandbox.admin("tokens/revoke", {"account_id": login.external_id})
    with pytest.raises(LoginExpired):
        CHANNEL.check(http, login)


def test_a_site_in_maintenance_is_asked_again_later(sandbox: SandboxProcess) -> None:
    login = signed_in(sandbox)
    sandbox.admin("faults", {"fault": "not_json", "http": 503})
    with pytest.raises(TryLater):
        CHANNEL.check(Http(sandbox.url), login)


def test_the_text_is_escaped_and_its_links_lead_somewhere() -> None:
    made = content(
        "Hai <script>alert(1)</script>\n(https://a.id/x?b=1&c=2).", [Picture(4, "https://a.id/4.jpg", 'A "b"')]
    )
    assert "<script>" not in made
    assert '<a href="https://a.id/x?b=1&amp;c=2">https://a.id/x?b=1&amp;c=2</a>).' in made
    assert 'alt="A &quot;b&quot;" class="wp-image-4"' in made
    assert words_of(made) == "Hai <script>alert(1)</script>\n(https://a.id/x?b=1&c=2)."


@pytest.mark.parametrize(
    ("given", "text", "wanted"),
    [
        ("Pasar", "x", "Pasar"),
        ("", "Satu\nDua", "Satu"),
        ("", "kata " * 40, ("kata " * 16).strip() + "…"),
        ("", "", ""),
    ],
)
def test_a_post_without_a_title_takes_its_first_line(given: str, text: str, wanted: str) -> None:
    assert title(given, text) == wanted


def test_nothing_but_the_ways_to_fail_leaves_signing_in(sandbox: SandboxProcess) -> None:
    for fault in ("drop_before", "not_json", "5xx"):
        for skip in (0, 1):
            sandbox.admin("faults", None, "DELETE")
            sandbox.admin("faults", {"fault": fault, "skip": skip})
            with suppress(ChannelError):
                signed_in(sandbox)
