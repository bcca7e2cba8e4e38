"""A new channel is one file and one line: nothing else may name it."""

import re
from pathlib import Path

import pytest

from contentdesk.channels import registry
from contentdesk.channels.abilities import Connectable
from contentdesk.channels.base import FIGURES, CannotTell, Login, NotAllowed, Outgoing
from contentdesk.lib import clock
from contentdesk.lib.errors import NotFound
from contentdesk.lib.http import Http

ROOT = Path(__file__).resolve().parents[2]
SEARCHED = ("contentdesk", "workers", "templates")
ALLOWED = (
    "contentdesk/channels/kinds/",
    "contentdesk/channels/registry.py",
    "contentdesk/sandbox/",
    "contentdesk/demo",
    "contentdesk/translations/",
    "contentdesk/static/",
)
ENDINGS = {".py", ".html", ".txt", ".xml", ".json", ".js", ".toml"}


def quoted_names() -> re.Pattern[str]:
    words = {word for channel in registry.KINDS.values() for word in (channel.kind, channel.name)}
    return re.compile(rf"""(["'`])({"|".join(sorted(words))})\1""", re.IGNORECASE)


def lines_that_name_a_channel(root: Path) -> list[str]:
    pattern = quoted_names()
    files = [path for folder in SEARCHED for path in (root / folder).rglob("*") if path.suffix in ENDINGS]
    names = [(path.relative_to(root).as_posix(), path) for path in files]
    return [
        f"{name}:{number}: {line.strip()}"
        for name, path in sorted(names)
        if not name.startswith(ALLOWED)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_a_channel_is_named_nowhere_but_in_its_file_and_the_registry() -> None:
    assert lines_that_name_a_channel(ROOT) == []


def test_the_search_would_notice(tmp_path: Path) -> None:
    for name, text in {
        "contentdesk/posts/services.py": "if account.kind == 'instagram':\n",
        "templates/posts/show.html": '{% if kind == "SnackVideo" %}\n',
        "contentdesk/channels/kinds/instagram.py": 'kind = "instagram"\n',
        "contentdesk/demo/accounts.py": 'KIND = "instagram"\n',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = [line.partition(":")[0] for line in lines_that_name_a_channel(tmp_path)]
    assert found == ["contentdesk/posts/services.py", "templates/posts/show.html"]


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
    assert by_hand == {"snackvideo", "whatsapp"}
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


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        ("instagram", "https://www.instagram.com/p/DQx_1-a/"),
        ("instagram", " https://instagram.com/reel/DQx1?igsh=abc "),
        ("instagram", "https://www.instagram.com/kim.dinoyo/p/DQx1/"),
        ("instagram", "HTTPS://WWW.INSTAGRAM.COM/p/DQx1"),
        ("instagram", "https://www.instagram.com/stories/kim.dinoyo/17900000000000001"),
        ("facebook", "https://www.facebook.com/615500000007919/posts/122101885122/"),
        ("facebook", "https://m.facebook.com/kim.dinoyo/videos/122300000007907"),
        ("facebook", "https://www.facebook.com/reel/122300000007907/"),
        ("facebook", "https://www.facebook.com/permalink.php?story_fbid=pfbid02&id=6155"),
        ("facebook", "https://www.facebook.com/share/p/1AbCdEf/"),
        ("facebook", "https://fb.watch/aBcDe-1_/"),
        ("threads", "https://www.threads.net/@kim.dinoyo/post/DQx_1-a"),
        ("threads", "https://threads.com/@kim.dinoyo/post/DQx1/?xmt=abc"),
        ("wordpress", "https://blog.kim-dinoyo.id/2026/11/21/pasar-minggu-ramai/"),
        ("wordpress", "https://kim-dinoyo.wordpress.com/pasar-minggu/"),
        ("wordpress", "https://blog.kim-dinoyo.id/?p=123"),
        ("mastodon", "https://mastodon.social/@kim_dinoyo/115482390184756123"),
        ("mastodon", "https://sosial.kim.id/users/kim_dinoyo/statuses/115482390184756123"),
        ("bluesky", "https://bsky.app/profile/kim-dinoyo.bsky.social/post/3lbgq4xkv2s2k"),
        ("bluesky", "https://bsky.app/profile/did:plc:ewvi7nxzyoun6zhxrhs64oiz/post/3lbgq4xkv2s2k"),
        ("tiktok", "https://www.tiktok.com/@kim.dinoyo/video/7512345678901234567?is_from_webapp=1"),
        ("tiktok", "https://www.tiktok.com/@kim.dinoyo/photo/7512345678901234567"),
        ("tiktok", "https://vt.tiktok.com/ZSabc123/"),
        ("tiktok", "https://www.tiktok.com/t/ZTabc123/"),
        ("snackvideo", "https://www.snackvideo.com/@kim_bareng/video/5190000000"),
        ("snackvideo", "https://sck.io/p/AbCdEf12"),
        ("youtube", "https://www.youtube.com/shorts/aB3_x-9kLmN"),
        ("youtube", "https://youtube.com/shorts/aB3_x-9kLmN?si=abc"),
        ("youtube", "https://youtu.be/aB3_x-9kLmN?t=3"),
        ("youtube", "https://m.youtube.com/watch?app=desktop&v=aB3_x-9kLmN&t=3#x"),
        ("telegram", "https://t.me/kim_dinoyo/124"),
        ("telegram", "https://t.me/s/kim_dinoyo/124?single"),
        ("telegram", "https://telegram.me/c/1234567890/12"),
        ("whatsapp", "https://whatsapp.com/channel/0029VaKIMdinoyo12/145"),
        ("whatsapp", "https://www.whatsapp.com/channel/0029VaKIMdinoyo12/145"),
    ],
)
def test_a_link_to_a_post_is_recognised(kind: str, link: str) -> None:
    assert registry.get(kind).owns_link(link)
    assert not any(other.owns_link(link) for other in registry.KINDS.values() if other.kind != kind)


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
