"""What the pages load: small, from our own address, and nothing that the strict CSP would block."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "contentdesk/static"
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "mail" not in path.parts)
SPRITE = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
ICON_USES = (
    r"""\bicon\(\s*'([a-z0-9-]+)'""",
    r"""\bicon_link\(\s*'([a-z0-9-]+)'""",
    r"""icon_name='([a-z0-9-]+)'""",
)


def packed(path: str) -> int:
    return len(gzip.compress((STATIC / path).read_bytes(), 9))


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("css/app.css", 14_500),
        ("js/app.js", 12_000),
        ("icons.svg", 6_500),
        ("vendor/htmx.min.js", 17_500),
        ("fonts/plus-jakarta-sans.woff2", 17_500),
    ],
)
def test_each_file_of_the_first_visit_stays_in_its_budget(path: str, most: int) -> None:
    assert packed(path) <= most


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    named = {
        (path.name, name)
        for path in TEMPLATES
        for pattern in ICON_USES
        for name in re.findall(pattern, path.read_text())
    }
    assert named
    assert {(where, name) for where, name in named if name not in SPRITE} == set()


def test_every_state_icon_of_the_tag_macro_is_in_the_sprite() -> None:
    macros = (ROOT / "templates/macros/ui.html").read_text()
    icons = re.findall(r"': \('(?:grey|blue|violet|amber|green|red)', '([a-z0-9-]+)'", macros)
    assert len(icons) == 23
    assert set(icons) <= SPRITE


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_has_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<[^>]*\sstyle\s*=", text)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "javascript:" not in text


def test_nothing_is_loaded_from_another_address() -> None:
    for path in [*TEMPLATES, STATIC / "css/app.css"]:
        text = re.sub(r"http://www\.w3\.org/\S+", "", path.read_text())
        assert not re.search(r"""(?:src|href|url\()\s*=?\s*["'(]?(?:https?:)?//""", text), path


def test_colours_stand_in_the_tokens_only() -> None:
    """A colour elsewhere would not follow the dark theme; the few on purpose are counted here."""
    sheet = (STATIC / "css/app.css").read_text()
    rest = re.sub(r"@layer tokens \{.*?\n\}\n", "", sheet, flags=re.S)
    rest = re.sub(r"url\([^)]*\)", "", rest)
    found = set(re.findall(r"#[0-9a-f]{3,8}\b", rest))
    always_the_same = {
        "#17211f", "#fff", "#f4b400", "#ffc933", "#ffd04a", "#ffcf8a", "#633e00", "#eef2f0", "#7d7a6f",
        "#414c49", "#073f4a", "#eceae2", "#c9c6ba",
    }  # fmt: skip
    assert found <= always_the_same


def test_licences_of_shipped_files_are_shipped_with_them() -> None:
    text = (STATIC / "vendor/LICENSES.txt").read_text()
    for name in ("htmx.org 2.", "@tabler/icons 3.", "plus-jakarta-sans 5."):
        assert name in text
    assert "SIL OPEN FONT LICENSE" in text
