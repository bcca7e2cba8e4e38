"""Connecting pages: one sign-in of a person brings every page they may post on, and the accounts linked to them.

The person's token is needed for this moment alone. A page's token, made from a long-lived one, does not end by time;
it ends with a changed password or a removed app, of which nobody tells. The right to read data ends 90 days after the
person was here last (`data_access_expires_at`). What a person may do on a page that comes through a business is not
told: one for which there is a token counts as one they may post on, and the platform refuses the first post otherwise.

The token endpoints and `debug_token` take their secrets as documented; nothing of them reaches an exception.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from contentdesk.channels.base import AppKeys, ChannelError, Login, NotAllowed, TryLater
from contentdesk.channels.kinds import instagram_login, meta_subscribing
from contentdesk.channels.kinds.meta_find import after_of
from contentdesk.channels.kinds.meta_graph import VERSION, Graph
from contentdesk.channels.kinds.oauth import OAuth, Token
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from contentdesk.lib.i18n import N_

NAME = "Facebook"
HOST = "graph.facebook.com"
NEEDED = ("pages_show_list", "pages_manage_posts", "pages_read_engagement")
FOR_COMMENTS_AND_FIGURES = ("pages_manage_engagement", "pages_read_user_content", "read_insights")
FOR_RINGS = meta_subscribing.PAGE_SCOPE
FOR_INSTAGRAM = ("instagram_basic", "instagram_content_publish")
WANTED = (
    *NEEDED,
    *FOR_COMMENTS_AND_FIGURES,
    FOR_RINGS,
    *FOR_INSTAGRAM,
    "instagram_manage_comments",
    "instagram_manage_insights",
)
FOR_BUSINESSES = "business_management"
"""Only for the moment of signing in, to find the pages that a person has through Business Manager."""
SCOPE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "pages_show_list": N_("melihat daftar halaman"),
        "pages_manage_posts": N_("menerbitkan di halaman"),
        "pages_read_engagement": N_("membaca isi halaman"),
        "pages_manage_engagement": N_("menulis komentar sebagai halaman"),
        "pages_read_user_content": N_("membaca komentar warga"),
        "read_insights": N_("membaca angka halaman"),
        FOR_RINGS: N_("memberi kabar dari halaman"),
        "instagram_basic": N_("melihat akun Instagram"),
        "instagram_content_publish": N_("menerbitkan di Instagram"),
        "instagram_manage_comments": N_("mengelola komentar Instagram"),
        "instagram_manage_insights": N_("membaca angka Instagram"),
        FOR_BUSINESSES: N_("melihat halaman di Business Manager"),
    }
)
NO_PERMISSION = N_(
    "%(platform)s menolak karena izin untuk %(handle)s kurang. Yang diperlukan: menerbitkan di halaman dan membaca isi "
    "halaman. Periksa peran Anda di sana, lalu sambungkan lagi. Bila tetap begitu, minta admin memeriksa izin aplikasi "
    "kota."
)
OAUTH = OAuth(
    NAME,
    f"https://www.facebook.com/{VERSION}/dialog/oauth",
    f"https://{HOST}/{VERSION}/oauth/access_token",
    (*WANTED, FOR_BUSINESSES),
    separator=",",
    pkce=False,
    names=SCOPE_NAMES,
)
PAGE_FIELDS = "id,name,access_token,tasks,instagram_business_account{id,username}"
TASK = "CREATE_CONTENT"
BUSINESS_FIELDS = "id,name,access_token,instagram_business_account{id,username}"
"""`tasks` is a field of `me/accounts` alone; who has no role on the page gets no token."""
BUSINESS_EDGES = ("owned_pages", "client_pages")
MAX_PAGES = 20
MAX_BUSINESSES = 10
"""Each costs two calls while a person waits."""

NO_PAGE = N_("Akun Facebook ini tidak mengelola halaman. Masuk dengan akun pengelola, lalu pilih halamannya.")
NO_TASK = N_(
    "Anda belum boleh membuat konten di halaman %(pages)s. Minta pemilik halaman memberi akses konten, "
    "lalu sambungkan lagi. Tidak ada yang berubah."
)
NOT_THIS_ONE = N_(
    "Belum bisa dipilih: Anda belum boleh membuat konten di halaman ini. Minta pemilik halaman memberi akses konten, "
    "lalu sambungkan lagi."
)


def exchange(http: Http, app: AppKeys, redirect_uri: str, code: str) -> list[Login]:
    """Raises NotAllowed when too little was granted, or when no page may be posted on."""
    short = OAUTH.exchange(http, app, redirect_uri, code.removesuffix("#_=_"))
    token = _long(http, app, short)
    graph = Graph(http, HOST, NAME, Login("", NAME, token.access))
    scopes = _granted(graph)
    OAUTH.must_have(Token(token.access, scopes=scopes or ("",)), NEEDED)
    ends = _access_ends(http, app, token)
    pages = {str(page.get("id")): page for page in (*_of_businesses(graph, scopes), *_pages(graph))}
    return [replace(login, access_ends_at=ends) for login in _logins(list(pages.values()), scopes)]


def _long(http: Http, app: AppKeys, short: Token) -> Token:
    """For sixty days; the page tokens made from it have no end."""
    form = {
        "grant_type": "fb_exchange_token",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "fb_exchange_token": short.access,
    }
    body = Graph(http, HOST, NAME, Login("", NAME, short.access)).post("oauth/access_token", form)
    seconds = body.get("expires_in")
    ends = clock.now() + timedelta(seconds=seconds) if isinstance(seconds, int) else None
    return Token(str(body.get("access_token") or short.access), expires_at=ends)


def _granted(graph: Graph) -> tuple[str, ...]:
    """What the person left ticked."""
    rows = graph.get("me/permissions").get("data")
    kept = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return tuple(str(row.get("permission")) for row in kept if row.get("status") == "granted")


def _pages(graph: Graph) -> Iterator[dict[str, Any]]:
    return _listed(graph, "me/accounts", PAGE_FIELDS)


def _listed(graph: Graph, path: str, fields: str) -> Iterator[dict[str, Any]]:
    params = {"fields": fields, "limit": "100"}
    for _ in range(MAX_PAGES):
        body = graph.get(path, **params)
        rows = body.get("data")
        yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
        params["after"] = after_of(body)
        if not params["after"]:
            return


def _of_businesses(graph: Graph, scopes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Pages that are missing from `me/accounts` because the person has them through a business. Nice to have."""
    found: list[dict[str, Any]] = []
    if FOR_BUSINESSES not in scopes:
        return found
    try:
        businesses = list(_listed(graph, "me/businesses", "id"))[:MAX_BUSINESSES]
        for path in (f"{business.get('id')}/{edge}" for business in businesses for edge in BUSINESS_EDGES):
            found += _unless_refused(graph, path)
    except ChannelError:
        pass
    return [page for page in found if page.get("access_token")]


def _unless_refused(graph: Graph, path: str) -> list[dict[str, Any]]:
    """A business that keeps its pages to itself hides no other's. Raises TryLater: the platform is disturbed."""
    try:
        return [page | {"tasks": [TASK]} for page in _listed(graph, path, BUSINESS_FIELDS)]
    except TryLater:
        raise
    except ChannelError:
        return []


def _logins(pages: list[dict[str, Any]], scopes: tuple[str, ...]) -> list[Login]:
    """Pages one may not post on stand beside the others, with the reason."""
    if not pages:
        raise NotAllowed(NO_PAGE, code="no_page")
    usable = [page for page in pages if _may_post(page)]
    if not usable:
        names = ", ".join(str(page.get("name") or page.get("id")) for page in pages)
        raise NotAllowed(NO_TASK, code="task", pages=names)
    barred = [page for page in pages if not _may_post(page) and page.get("id")]
    return [*(login for page in usable for login in _of_page(page, scopes)), *map(_refused, barred)]


def _may_post(page: Mapping[str, Any]) -> bool:
    return bool(page.get("access_token")) and TASK in (page.get("tasks") or ())


def _refused(page: Mapping[str, Any]) -> Login:
    return Login(str(page["id"]), str(page.get("name") or page["id"]), refused=NOT_THIS_ONE)


def _of_page(page: dict[str, Any], scopes: tuple[str, ...]) -> Iterator[Login]:
    name, token = str(page.get("name") or page["id"]), str(page["access_token"])
    told = {"page": name}
    yield Login(str(page["id"]), name, token, details=told, scopes=scopes)
    linked = page.get("instagram_business_account")
    if isinstance(linked, dict) and linked.get("id") and set(FOR_INSTAGRAM) <= set(scopes):
        handle = str(linked.get("username") or linked["id"])
        through = {**told, **instagram_login.THROUGH_FACEBOOK}
        yield Login(str(linked["id"]), handle, token, details=through, scopes=scopes, kind=instagram_login.KIND)


def _access_ends(http: Http, app: AppKeys, token: Token) -> datetime | None:
    """When reading ends although the token lives. Nice to have."""
    asking = Graph(http, HOST, NAME, Login("", NAME, f"{app.client_id}|{app.client_secret}"))
    try:
        told = asking.get("debug_token", input_token=token.access).get("data")
    except ChannelError:
        return None
    ends = told.get("data_access_expires_at") if isinstance(told, dict) else None
    try:
        return datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) and ends > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
