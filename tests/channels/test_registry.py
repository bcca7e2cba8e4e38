"""What the registry says of each channel, and which links are whose."""

from pathlib import Path

import pytest

from contentdesk.channels import registry
from contentdesk.channels.abilities import Connectable
from contentdesk.channels.base import FIGURES, CannotTell, Login, NotAllowed, Outgoing
from contentdesk.lib import clock
from contentdesk.lib.errors import NotFound
from contentdesk.lib.http import Http
from tests.channels.subject import subjects

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_channel_can_be_shown_on_a_page(kind: str) -> None:
    channel = registry.get(kind)
    assert channel.kind == kind
    assert (registry.name(kind), registry.icon(kind)) == (channel.name, channel.icon)
    assert channel.name
    assert f'<symbol id="{channel.icon}"' in (ROOT / "contentdesk/static/icons.svg").read_text(encoding="utf-8")
    assert channel.figures <= set(FIGURES) == set(registry.FIGURE_WORDS)
    assert (kind, channel.name) in registry.choices()
    assert registry.how(kind) in {"otomatis", "oleh anggota"}


def test_an_unknown_kind_is_a_missing_page_but_does_not_fail_a_list() -> None:
    with pytest.raises(NotFound):
        registry.get("friendster")
    assert registry.name("friendster") == "friendster"
    assert registry.icon("friendster")


def test_some_channels_publish_by_themselves_and_some_by_hand() -> None:
    by_hand = {kind for kind in registry.KINDS if registry.is_by_hand(kind)}
    assert by_hand >= {"snackvideo", "whatsapp"}
    assert by_hand.isdisjoint(one.kind for one in subjects())
    assert isinstance(registry.connectable("instagram"), Connectable)
    assert registry.connectable("snackvideo") is None


def test_a_channel_by_hand_refuses_to_publish_and_claims_nothing() -> None:
    channel = registry.get("snackvideo")
    outgoing = Outgoing("d1", Login("1", "kim"), "Teks", ())
    http = Http()
    with pytest.raises(NotAllowed):
        channel.prepare(http, outgoing, {})
    with pytest.raises(NotAllowed):
        channel.publish(http, outgoing, {})
    assert channel.find(http, outgoing, {}, clock.now()) == CannotTell()
    assert channel.measure(http, outgoing.login, ["1"]) == {}


LINKS = [(one.kind, link) for one in subjects() for link in one.links]
BY_HAND_LINKS = [
    ("snackvideo", "https://www.snackvideo.com/@kim_bareng/video/5190000000"),
    ("snackvideo", "https://sck.io/p/AbCdEf12"),
    ("whatsapp", "https://whatsapp.com/channel/0029VaKIMdinoyo12/145"),
    ("whatsapp", "https://www.whatsapp.com/channel/0029VaKIMdinoyo12/145"),
]
"""Of those that nothing but a person publishes with, and that have no subject of the contract suite."""


@pytest.mark.parametrize(("kind", "link"), sorted({*LINKS, *BY_HAND_LINKS}))
def test_a_link_to_a_post_is_recognised(kind: str, link: str) -> None:
    assert registry.get(kind).owns_link(link)
    assert not any(other.owns_link(link) for other in registry.KINDS.values() if other.kind != kind)


def test_every_channel_names_a_link_of_its_own() -> None:
    assert {kind for kind, _link in (*LINKS, *BY_HAND_LINKS)} == set(registry.KINDS)


@pytest.mark.parametrize("kind", registry.KINDS)
@pytest.mark.parametrize(
    "link",
    [
        "",
        "instagram.com/p/abc",
        "https://www.instagram.com/",
        "https://www.snackvideo.com/",
        "https://www.instagram.com/kim.dinoyo/",
        "https://www.tiktok.com/@kim.dinoyo",
        "https://vt.tiktok.com/",
        "https://www.instagram.com.jahat.example/p/abc",
        "https://snackvideo.com.jahat.example/p/abc",
        "https://jahat.example/p/abc?x=https://www.instagram.com/p/abc",
        "https://www.instagram.com@jahat.example/p/abc",
        "https://jahat.example\\@www.instagram.com/p/abc",
        "https://kim:sandi@www.instagram.com/p/abc",
        "https://www.instagram.com:8443/p/abc",
        "https://www.instagram.com:nol/p/abc",
        "javascript://www.instagram.com/p/abc",
        "https://www.instagram.com/p/abc\nhttps://jahat.example",
        "https://[::1/p/abc",
        "https://www.facebook.com/kim.dinoyo",
        "https://www.facebook.com/kim.dinoyo/posts/",
        "https://fb.watch/",
        "https://www.youtube.com/watch",
        "https://www.youtube.com/watch?v=",
        "https://www.youtube.com/@kim_dinoyo",
        "https://www.youtube.com/redirect?v=aB3_x-9kLmN",
        "https://jahat.example/watch?v=aB3_x-9kLmN",
        "https://t.me/kim_dinoyo",
        "https://t.me/+AbCdEf12345",
        "https://t.me/share/url",
        "https://whatsapp.com/channel/0029VaKIMdinoyo12",
        "https://wa.me/6281234567890",
    ],
)
def test_any_other_link_is_not(kind: str, link: str) -> None:
    assert not registry.get(kind).owns_link(link)


def test_every_permission_that_is_asked_for_has_a_name_that_people_understand() -> None:
    for kind, channel in registry.KINDS.items():
        named = registry.scope_words(kind, registry.wanted_scopes(kind))
        assert [word for word in named if set("_.:/") & set(word)] == []
        door = getattr(channel, "door", None)
        assert door is None or set(door.scopes) <= set(door.names), kind
    assert registry.scope_words("facebook", ["pages_manage_posts", "x"]) == ["menerbitkan di halaman", "x"]
