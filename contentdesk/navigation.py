"""The menu: what each role sees, as data. An entry whose permission is missing is not shown."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext

from contentdesk.access.permissions import Permission, Role, somewhere
from contentdesk.lib.i18n import N_

P = Permission


@dataclass(frozen=True)
class Entry:
    endpoint: str
    label: str
    icon: str
    permission: Permission
    bottom: bool = False
    """Whether it stands in the phone's bottom bar."""
    group: int = 0
    """A line stands between groups."""


@dataclass(frozen=True)
class Shown:
    """As the base page wants it."""

    url: str
    label: str
    icon: str
    current: bool
    phone: bool
    group: int
    short: str = ""
    badge: int | None = None
    hot: bool = False
    phone_only: bool = False


_START = Entry("home.start", N_("Beranda"), "home", P.POST_WRITE, bottom=True)
_QUEUE = Entry("reviews.queue", N_("Antrean"), "checklist", P.POST_REVIEW, bottom=True)
_TO_MEND = Entry("home.to_mend", N_("Perlu dikerjakan"), "list-check", P.POST_REVIEW)
_POSTS = Entry("home.posts", N_("Unggahan"), "files", P.POST_READ)
_CALENDAR = Entry("publishing.calendar", N_("Kalender"), "calendar", P.POST_READ, bottom=True)
_CREATE = Entry("posts.new", N_("Buat unggahan"), "plus", P.POST_WRITE, bottom=True)
_TASKS = Entry("publishing.tasks", N_("Terbit manual"), "hand-click", P.TASK_DO)
_HOLDS = Entry("publishing.all_holds", N_("Tahan penerbitan"), "player-pause", P.POST_HOLD)
_COMMENTS = Entry("comments.comments", N_("Komentar warga"), "message-circle", P.FIGURES_READ)
_CAMPAIGNS = Entry("campaigns.campaigns", N_("Kampanye"), "speakerphone", P.CAMPAIGN_READ)
_UMKM = Entry("umkm.businesses", N_("UMKM"), "building-store", P.UMKM_READ, bottom=True)
_REPORT = Entry("reports.reach", N_("Laporan"), "chart-bar", P.REPORT_READ)
_REPORT_BOTTOM = Entry("reports.reach", N_("Laporan"), "chart-bar", P.REPORT_READ, bottom=True)
_KIM = Entry("kim.groups", N_("KIM dan kelurahan"), "users-group", P.KIM_READ, group=1)
_PEOPLE = Entry("users.people", N_("Anggota"), "users", P.PEOPLE_READ, group=1)
_ACCOUNTS = Entry("channels.accounts", N_("Akun kanal"), "plug-connected", P.ACCOUNT_READ, group=1)
_ENGINE = Entry("ops.engine", N_("Mesin terbit"), "tool", P.ENGINE_READ, group=1)
_MORE = Entry("users.more", N_("Lainnya"), "menu-2", P.OWN_ACCOUNT, bottom=True, group=2)

_KIM_MENU = (
    _START,
    _CALENDAR,
    _CREATE,
    _POSTS,
    _TASKS,
    _HOLDS,
    _COMMENTS,
    _CAMPAIGNS,
    _UMKM,
    _REPORT,
    _PEOPLE,
    _KIM,
    _ACCOUNTS,
    _MORE,
)
_CITY_MENU = (
    _QUEUE,
    _TO_MEND,
    _CALENDAR,
    _REPORT_BOTTOM,
    _POSTS,
    _TASKS,
    _HOLDS,
    _COMMENTS,
    _CAMPAIGNS,
    _UMKM,
    _KIM,
    _PEOPLE,
    _ACCOUNTS,
    _ENGINE,
    _MORE,
)
MENUS: dict[Role, tuple[Entry, ...]] = {
    Role.MEMBER: _KIM_MENU,
    Role.CHAIR: _KIM_MENU,
    Role.REVIEWER: _CITY_MENU,
    Role.ADMIN: _CITY_MENU,
    Role.JUDGE: (_MORE,),
}


def menu(person: Any) -> list[Entry]:
    return [
        entry
        for entry in MENUS[Role(person.role)]
        if entry.endpoint in current_app.view_functions and somewhere(person, entry.permission)
    ]


def entries(person: Any) -> list[Shown]:
    """The menu of a signed-in person, the page they are on marked."""
    return [_shown(entry) for entry in menu(person) if entry is not _CREATE]


def primary(person: Any) -> Shown | None:
    return next((_shown(entry) for entry in menu(person) if entry is _CREATE), None)


def landing(person: Any) -> str:
    """Where a person lands after signing in: the first page of their menu."""
    return url_for(menu(person)[0].endpoint)


def _shown(entry: Entry) -> Shown:
    feature = entry.endpoint.split(".")[0]
    here = request.endpoint or ""
    current = here == entry.endpoint or (
        here.split(".")[0] == feature and feature not in {"home", "publishing", "users", "posts"}
    )
    return Shown(
        url=url_for(entry.endpoint),
        label=gettext(entry.label),
        icon=entry.icon,
        current=current,
        phone=entry.bottom,
        group=entry.group,
        short=gettext(N_("Buat")) if entry is _CREATE else "",
    )
