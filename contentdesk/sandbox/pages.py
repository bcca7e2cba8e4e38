"""The page for people: what is public on the pretend platforms, and what came in."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from flask import Blueprint, Response, render_template, request

from contentdesk.sandbox import calls
from contentdesk.sandbox.faults import Faults
from contentdesk.sandbox.platforms import PLATFORMS, by_name
from contentdesk.sandbox.published import published
from contentdesk.sandbox.wire import HandsOutKeys, World

WIB = timezone(timedelta(hours=7), "WIB")
MONTHS = [
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
]
ON_A_PAGE = 20
KEYS: Mapping[str, HandsOutKeys] = {played.name: played for played in PLATFORMS if isinstance(played, HandsOutKeys)}
SHOWN_FIGURES = ("reach", "views", "likes", "comments", "saved", "shares")


def people_pages(world: World) -> Blueprint:
    pages = Blueprint("people", __name__)
    pages.app_template_filter("wib")(wib)
    pages.app_template_filter("platform_name")(platform_name)

    @pages.get("/")
    def overview() -> str:
        page = max(1, request.args.get("halaman", 1, type=int))
        everything = published(world)
        shown = everything[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
        return render_template(
            "overview.html",
            posts=[post | {"figures": _figures(world, post)} for post in shown],
            total=len(everything),
            page=page,
            more=len(everything) > page * ON_A_PAGE,
            calls=calls.latest(world.store, 30),
            faults=Faults(world.store).all(),
            offset=world.clock.offset(),
            now=world.clock.now(),
        )

    @pages.route("/kunci", methods=["GET", "POST"])
    def keys() -> str:
        """For platforms without a sign-in page: what a person would make there and type in at home."""
        asked, told, problem = request.values.get("platform", next(iter(KEYS))), None, ""
        if request.method == "POST" and asked in KEYS:
            try:
                told = _key(world, asked, request.form.get("username", "").strip())
            except ValueError:
                problem = "Nama ini tidak bisa dipakai di sana. Pakai huruf kecil dan angka saja."
        return render_template("keys.html", kinds=KEYS, asked=asked, told=told, problem=problem)

    return pages


def _key(world: World, platform: str, username: str) -> dict[str, str]:
    """What has to be typed in, by the words beside the fields."""
    played = by_name(platform)
    assert played is not None
    opened = played.open_account(world, {"username": username})
    return {word: str(template.format(**opened)) for word, template in KEYS[platform].keys.items()}


def _figures(world: World, post: dict[str, Any]) -> dict[str, int]:
    platform = by_name(post["platform"])
    known = platform.figures(world, post["id"]) if platform else {}
    return {name: known[name] for name in SHOWN_FIGURES if name in known}


def wib(at: float) -> str:
    moment = datetime.fromtimestamp(at, WIB)
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}, {moment:%H.%M.%S} WIB"


def platform_name(platform: str) -> str:
    played = by_name(platform)
    return played.title if played else platform


def guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'self'; base-uri 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
