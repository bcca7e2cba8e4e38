"""A new channel is one file and one line: nothing else may name it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from contentdesk.channels import registry

ROOT = Path(__file__).resolve().parents[2]
SEARCHED = ("contentdesk", "workers", "templates")
HOMES = (
    "contentdesk/channels/kinds/",
    "contentdesk/channels/registry.py",
    "contentdesk/sandbox/",
    "contentdesk/demo",
    "contentdesk/chaos/places.py",
    "contentdesk/translations/",
    "contentdesk/static/vendor/",
)
ENDINGS = {".py", ".html", ".txt", ".xml", ".json", ".js", ".css", ".toml", ".svg"}
MESSENGER = "the messenger with which people write to each other, not the channel that is published to"
ALLOWED = {
    ("contentdesk/posts/data/prime_time.json", "instagram"): "a sentence for people, out of a study",
    ("contentdesk/static/icons.svg", ""): "names of icons, which channels choose from",
    ("contentdesk/static/vendor_assets.py", ""): "names of icons, as their makers gave them",
    ("contentdesk/umkm/words.py", "whatsapp"): MESSENGER,
    ("contentdesk/users/links.py", "whatsapp"): MESSENGER,
    ("contentdesk/users/people_views.py", "whatsapp"): MESSENGER,
    ("templates/reviews/review.html", "whatsapp"): MESSENGER,
    ("templates/users/forgot.html", "whatsapp"): MESSENGER,
    ("templates/users/invite.html", "whatsapp"): MESSENGER,
    ("templates/users/link.html", "whatsapp"): MESSENGER,
    ("workers/web.py", "threads"): "the web server's word for what works side by side in a process",
}
"""Place and word (none: all), and why it is no channel that is named there."""


def word() -> re.Pattern[str]:
    """A channel as a word of its own or a part of one: is_tiktok, account-tiktok, isTikTok, but no tiktoken."""
    names = "|".join(sorted({re.escape(name) for one in registry.KINDS.values() for name in (one.kind, one.name)}))
    return re.compile(rf"(?:(?<![^\W_])|(?<=[a-z0-9])(?=[A-Z]))(?i:({names}))(?:(?![^\W_])|(?=[A-Z][a-z]))")


def spoken(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of whatever does something: in Python its literals and names, elsewhere everything."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), start=1)
        return
    for node in ast.walk(ast.parse(text)):
        for said in said_by(node):
            yield getattr(node, "lineno", 0), said


def said_by(node: ast.AST) -> Iterator[str]:
    """A text that stands alone is a docstring, and is left out with the statement that it is."""
    for child in ast.iter_child_nodes(node):
        alone = isinstance(node, ast.Expr) and isinstance(child, ast.Constant)
        if isinstance(child, ast.Constant) and isinstance(child.value, str | bytes) and not alone:
            yield child.value.decode(errors="replace") if isinstance(child.value, bytes) else child.value
    for _field, value in ast.iter_fields(node):
        held = value if isinstance(value, list) else [value]
        if not isinstance(node, ast.Constant):
            yield from (one for one in held if isinstance(one, str))


@cache
def named(root: Path) -> list[tuple[str, int, str]]:
    """File, line and word of each place outside their homes; line 0 is the file's own name."""
    pattern = word()
    found = []
    for path in sorted(path for folder in SEARCHED for path in (root / folder).rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix in ENDINGS and not name.startswith(HOMES):
            for line, text in [(0, name), *spoken(path)]:
                found += [(name, line, match[1].lower()) for match in pattern.finditer(text)]
    return found


def lines_that_name_a_channel(root: Path) -> list[str]:
    return [
        f"{name}:{line}: {kind}" for name, line, kind in named(root) if not {(name, kind), (name, "")} & set(ALLOWED)
    ]


def test_a_channel_is_named_nowhere_but_in_its_file_and_the_registry() -> None:
    assert lines_that_name_a_channel(ROOT) == []


def test_what_is_allowed_is_there() -> None:
    known = {(name, kind) for name, _line, kind in named(ROOT)}
    assert set(ALLOWED) <= known | {(name, "") for name, _kind in known}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("contentdesk/posts/services.py", "if account.kind == 'instagram':\n    pass\n"),
        ("contentdesk/posts/services.py", "both = 'instagram,tiktok'.split(',')\n"),
        ("contentdesk/posts/services.py", "ok = kind in 'facebook instagram'\n"),
        ("contentdesk/posts/services.py", "ok = key.startswith(f'instagram:{number}')\n"),
        ("contentdesk/posts/services.py", "ok = path == '/tiktok/'\n"),
        ("contentdesk/posts/services.py", "ok = raw == b'tiktok'\n"),
        ("contentdesk/posts/services.py", "ok = channel.is_tiktok\n"),
        ("contentdesk/posts/services.py", "def for_youtube() -> None: ...\n"),
        ("contentdesk/posts/services.py", "class TikTokPost: ...\n"),
        ("contentdesk/posts/services.py", "run(threads=2)\n"),
        ("contentdesk/posts/services.py", "from contentdesk.channels.kinds import facebook as page\n"),
        ("contentdesk/posts/services.py", "from contentdesk.channels.kinds.facebook import x\n"),
        ("contentdesk/posts/youtube_views.py", "ok = True\n"),
        ("templates/posts/show.html", '{% if kind == "SnackVideo" %}\n'),
        ("templates/posts/show.html", '<b class="account-tiktok">\n'),
        ("templates/posts/show.html", '<b data-kind="kanal tiktok">\n'),
        ("templates/posts/show.html", "{% if one.channel.is_tiktok %}\n"),
        ("contentdesk/static/js/composer.js", "const longest = {instagram: 2200};\n"),
        ("contentdesk/static/js/composer.js", "if (isTikTok) {}\n"),
        ("contentdesk/static/css/app.css", ".account-tiktok { color: red }\n"),
    ],
)
def test_the_search_would_notice(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert {line.partition(":")[0] for line in lines_that_name_a_channel(tmp_path)} == {name}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("contentdesk/posts/services.py", '"""As Instagram does."""\nok = True  # Instagram\n'),
        ("contentdesk/posts/services.py", "ok = tiktoken.threadsafe('facebooked')\n"),
        ("contentdesk/static/vendor/htmx.min.js", "'threads'\n"),
        ("contentdesk/channels/kinds/instagram.py", 'kind = "instagram"\n'),
        ("contentdesk/demo/accounts.py", 'KIND = "instagram"\n'),
    ],
)
def test_the_search_leaves_alone_what_names_none(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert lines_that_name_a_channel(tmp_path) == []
