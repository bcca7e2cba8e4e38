"""Fetch the third-party files that the pages need and build the icon sprite.

Run by hand when a version or the list of icons changes; the results are committed, so that neither
an installation nor a page ever asks another server for them:

    python contentdesk/static/vendor_assets.py

Needs npm with its ordinary settings. With fontTools and brotli installed the font is also cut down
to the weights and letters in use (half the size); without them the whole Latin file is taken.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

HTMX = ("htmx.org", "2.0.11")
ICONS = ("@tabler/icons", "3.51.0")
FONT = ("@fontsource-variable/plus-jakarta-sans", "5.2.8")

HERE = Path(__file__).resolve().parent
VENDOR = HERE / "vendor"

ICON_NAMES = """
adjustments alert-circle alert-triangle archive arrow-down arrow-left arrow-right arrow-up ban bell bolt
brand-bluesky brand-facebook brand-instagram brand-mastodon brand-telegram brand-threads brand-tiktok brand-whatsapp
brand-wordpress brand-youtube
building-community building-store bulb calendar calendar-event calendar-off camera-off camera-plus
certificate chart-bar check checklist chevron-down chevron-left chevron-right circle-check circle-dashed
circle-x clock clock-exclamation clock-off cloud-check cloud-upload copy device-mobile device-mobile-check
discount dots download external-link eye eye-off file-text files filter git-branch hand-click heart
help-circle history home hourglass id info-circle key language license-off link list list-check loader-2
lock login logout mail map-pin menu-2 message-2 message-circle message-report minus mood-kid moon pencil
phone photo player-pause player-play player-stop plug-connected plug-connected-x plus printer qrcode refresh
report rss school search send settings share shield-check shield-question speakerphone star stethoscope sun
table tag target tool trash trophy upload user user-plus users users-group video wifi-off world x
"""

# Basic Latin, Latin-1, and the signs the screens use: dashes, quotes, bullet, ellipsis, arrows, trend marks.
FONT_UNICODES = "U+20-7E,U+A0-FF,U+2010-2014,U+2018-201E,U+2022,U+2026,U+2190-2193,U+2212,U+2264-2265"


def fetch(package: tuple[str, str], into: Path) -> Path:
    """Unpack the pinned package and return its folder."""
    name, version = package
    out = subprocess.run(
        ["npm", "pack", "--silent", f"{name}@{version}"], cwd=into, check=True, capture_output=True, text=True
    )
    archive = into / out.stdout.split()[-1]
    folder = into / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


def symbol(name: str, svg: str) -> str:
    """One icon as a sprite symbol: only the drawing, no attributes of its own."""
    body = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", body, flags=re.S)
    if drawing is None:
        raise ValueError(f"{name}: not an SVG")
    shapes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", drawing[1])
    shapes = re.sub(r"\s+", " ", shapes).replace(" />", "/>").replace("> <", "><").strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def build_sprite(icons: Path) -> None:
    symbols = [symbol(n, (icons / "icons/outline" / f"{n}.svg").read_text()) for n in sorted(ICON_NAMES.split())]
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    (HERE / "icons.svg").write_text(head + "\n" + "\n".join(symbols) + "\n</svg>\n")


def build_font(font: Path) -> None:
    source = font / "files/plus-jakarta-sans-latin-wght-normal.woff2"
    target = HERE / "fonts/plus-jakarta-sans.woff2"
    if find_spec("fontTools") is None or find_spec("brotli") is None:
        shutil.copy(source, target)
        return
    ttfont = import_module("fontTools.ttLib").TTFont(source, recalcTimestamp=False)
    import_module("fontTools.varLib.instancer").instantiateVariableFont(ttfont, {"wght": (400, 700)}, inplace=True)
    subset = import_module("fontTools.subset")
    options = subset.Options(flavor="woff2", layout_features=["kern", "liga", "tnum", "mark", "ccmp", "locl"])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(FONT_UNICODES.replace("U+", "")))
    cutter.subset(ttfont)
    subset.save_font(ttfont, target, options)


def write_licences(folders: dict[tuple[str, str], Path]) -> None:
    parts = []
    for (name, version), folder in folders.items():
        licence = json.loads((folder / "package.json").read_text())["license"]
        text = (folder / "LICENSE").read_text().strip()
        parts.append(f"{name} {version} ({licence})\n{'=' * 60}\n{text}\n")
    (VENDOR / "LICENSES.txt").write_text("\n\n".join(parts))


def main() -> None:
    for folder in (VENDOR, HERE / "fonts"):
        folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folders = {package: fetch(package, Path(scratch)) for package in (HTMX, ICONS, FONT)}
        shutil.copy(folders[HTMX] / "dist/htmx.min.js", VENDOR / "htmx.min.js")
        build_sprite(folders[ICONS])
        build_font(folders[FONT])
        write_licences(folders)


if __name__ == "__main__":
    main()
