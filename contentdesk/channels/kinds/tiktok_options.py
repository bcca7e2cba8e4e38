"""What a person chooses for a post on TikTok, as its audit demands: nothing preset that opens or shares more.

The rules are the platform's, so also where they look odd: who can see it has no default, the toggles are off, paid
content cannot be private, and the line above the button names what is agreed to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from contentdesk.channels.abilities import Consent, Creator
from contentdesk.channels.base import (
    Forbids,
    Format,
    Login,
    NotAllowed,
    Option,
    OptionType,
    PhotoRule,
    Problem,
    Rules,
    TextRule,
    TryLater,
    VideoRule,
)
from contentdesk.channels.kinds.tiktok_api import Api
from contentdesk.lib.i18n import N_

VIDEO, PHOTOS = "video", "photos"
DIRECT, INBOX = "direct", "inbox"
EVERYONE, ONLY_ME = "PUBLIC_TO_EVERYONE", "SELF_ONLY"
TITLE_CHARS = 90
DIRECT_SCOPE, INBOX_SCOPE = "video.publish", "video.upload"

MUSIC = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"
BRANDED = "https://www.tiktok.com/legal/page/global/bc-policy/en"


def utf16_length(text: str) -> int:
    """As the platform counts: most emoji are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


FORMATS: tuple[Format, ...] = (
    Format(
        PHOTOS,
        N_("Foto"),
        Rules(
            text=TextRule(max_chars=4000, count=utf16_length),
            photo=PhotoRule(min_ratio=0.5625, max_ratio=1.91, min_width=360, max_width=1080, max_bytes=20_000_000),
        ),
    ),
    Format(
        VIDEO,
        N_("Video"),
        Rules(
            text=TextRule(max_chars=2200, count=utf16_length),
            photo=PhotoRule(max_count=0),
            video=VideoRule(max_seconds=600, min_width=360, min_height=360),
        ),
    ),
)

PRIVACY_WORDS = (
    (EVERYONE, N_("Semua orang")),
    ("MUTUAL_FOLLOW_FRIENDS", N_("Teman yang saling mengikuti")),
    ("FOLLOWER_OF_CREATOR", N_("Pengikut akun ini")),
    (ONLY_ME, N_("Hanya akun ini")),
)
NOT_PRIVATE = N_("Konten bermerek tidak bisa hanya untuk akun ini. Pilih siapa lagi yang dapat melihat.")
NONE_CHOSEN = N_("Pilih apa yang dipromosikan: usaha sendiri, pihak lain, atau keduanya.")
NO_PRIVACY = N_("Siapa yang dapat melihat belum dipilih.")
ONLY_INBOX = N_(
    "Aplikasi kota belum diaudit TikTok, jadi yang terbit langsung hanya terlihat oleh akun ini sendiri. Unggahan "
    "lewat kotak masuk: setelah disetujui, berkasnya masuk ke aplikasi TikTok, lalu seorang anggota menulis teksnya "
    "dan menerbitkannya di sana."
)
NO_SCOPE = N_(
    "Akun ini tersambung tanpa izin menerbitkan langsung. Setelah disetujui, berkasnya masuk ke kotak masuk aplikasi "
    "TikTok, lalu seorang anggota menulis teksnya dan menerbitkannya di sana."
)
CAP_REACHED = N_(
    "Terlalu banyak akun memakai aplikasi kota hari ini. Lewat kotak masuk tetap bisa: seorang anggota menulis teksnya "
    "dan menerbitkannya di aplikasi TikTok."
)
PRIVATE_ACCOUNT = N_(
    "Akun ini privat di TikTok, jadi unggahan hanya dilihat pengikutnya. Jadikan publik di aplikasi TikTok bila semua "
    "orang harus melihatnya."
)
MAY_NOT_POST: Mapping[str, str] = MappingProxyType(
    {
        "spam_risk_too_many_posts": N_("TikTok tidak menerima unggahan lagi dari akun ini hari ini. Coba lagi besok."),
        "spam_risk_user_banned_from_posting": N_(
            "TikTok melarang akun ini mengunggah. Buka aplikasinya dan ikuti petunjuk di sana."
        ),
    }
)

OPTIONS: tuple[Option, ...] = (
    Option(
        "mode",
        N_("Cara terbit"),
        OptionType.CHOICE,
        choices=((DIRECT, N_("Langsung terbit")), (INBOX, N_("Ke kotak masuk, anggota menyelesaikan di aplikasi"))),
        default=DIRECT,
        help=N_("Kotak masuk dipakai selama aplikasi kota belum diaudit. Pilihan lain lalu dibuat di aplikasi."),
    ),
    Option("privacy", N_("Siapa yang dapat melihat"), OptionType.CHOICE, choices=PRIVACY_WORDS),
    Option("allow_comment", N_("Izinkan komentar"), OptionType.TOGGLE, default=False),
    Option("allow_duet", N_("Izinkan duet"), OptionType.TOGGLE, default=False, formats=frozenset({VIDEO})),
    Option("allow_stitch", N_("Izinkan stitch"), OptionType.TOGGLE, default=False, formats=frozenset({VIDEO})),
    Option(
        "disclosure",
        N_("Mempromosikan usaha, barang, atau jasa"),
        OptionType.TOGGLE,
        default=False,
        help=N_("Nyalakan bila unggahan ini mempromosikan sesuatu dengan imbalan apa pun."),
    ),
    Option(
        "your_brand",
        N_("Usaha sendiri"),
        OptionType.TOGGLE,
        default=False,
        under="disclosure",
        help=N_('Unggahan diberi label "Konten promosi".'),
    ),
    Option(
        "branded",
        N_("Pihak lain (konten bermerek)"),
        OptionType.TOGGLE,
        default=False,
        under="disclosure",
        forbids=(Forbids("privacy", ONLY_ME, NOT_PRIVATE),),
        help=N_('Unggahan diberi label "Kemitraan berbayar", juga bila keduanya dipilih.'),
    ),
    Option(
        "title",
        N_("Judul foto"),
        OptionType.TEXT,
        max_chars=TITLE_CHARS,
        count=utf16_length,
        formats=frozenset({PHOTOS}),
        help=N_("Boleh kosong. Tampil tebal di atas teks."),
    ),
)


def is_inbox(options: Mapping[str, Any]) -> bool:
    return options.get("mode") == INBOX


def problems(options: Mapping[str, Any]) -> Iterator[Problem]:
    """What hangs together in ways that the options cannot say. In the inbox way all this is chosen in the app."""
    if is_inbox(options):
        return
    if not options.get("privacy"):
        yield Problem("option_missing", NO_PRIVACY, option="privacy")
    if options.get("disclosure") is True and not (options.get("your_brand") or options.get("branded")):
        yield Problem("disclosure_empty", NONE_CHOSEN, option="disclosure")


def consent(options: Mapping[str, Any]) -> Consent | None:
    """In the inbox way the app itself asks."""
    if is_inbox(options):
        return None
    music = {"music": (N_("Konfirmasi Penggunaan Musik TikTok"), MUSIC)}
    if options.get("disclosure") is not True or options.get("branded") is not True:
        return Consent(N_("Dengan mengirim, Anda menyetujui %(music)s."), music)
    branded = {"branded": (N_("Kebijakan Konten Bermerek"), BRANDED)}
    return Consent(N_("Dengan mengirim, Anda menyetujui %(branded)s dan %(music)s."), branded | music)


def ask_creator(api: Api) -> dict[str, Any]:
    return api.post("post/publish/creator_info/query/")


def creator(api: Api, login: Login) -> Creator:
    """What the account may do now. Without the scope to publish, the inbox is left."""
    if lacks(login, DIRECT_SCOPE):
        return _by_inbox(login.handle, NO_SCOPE)
    try:
        info = ask_creator(api)
    except (NotAllowed, TryLater) as error:
        if error.code == "reached_active_user_cap":
            return _by_inbox(login.handle, CAP_REACHED)
        if error.code not in MAY_NOT_POST:
            raise
        return Creator(login.handle, may_post=False, sentence=MAY_NOT_POST[error.code])
    return _told(info, str(info.get("creator_nickname") or login.handle))


def _told(info: Mapping[str, Any], nickname: str) -> Creator:
    if is_unaudited(info):
        return replace(_by_inbox(nickname, ONLY_INBOX), max_seconds=longest(info))
    return Creator(
        nickname=nickname,
        picture=str(info["creator_avatar_url"]) if info.get("creator_avatar_url") else None,
        choices={"privacy": offered(info)},
        off=switched_off(info),
        max_seconds=longest(info),
        note="" if EVERYONE in offered(info) else PRIVATE_ACCOUNT,
    )


def _by_inbox(nickname: str, note: str) -> Creator:
    return Creator(nickname, choices={"mode": (INBOX,)}, note=note)


def is_unaudited(info: Mapping[str, Any]) -> bool:
    """Nothing but what nobody else sees: an account never limits itself so far, the platform does it to an app."""
    return offered(info) == (ONLY_ME,)


def limits(api: Api, login: Login) -> dict[str, int]:
    """How long a video of the account may be. Nobody says it to who may not publish."""
    seconds = None if lacks(login, DIRECT_SCOPE) else longest(ask_creator(api))
    return {"video_seconds": int(seconds)} if seconds else {}


def applied(rules: Rules, limits: Mapping[str, int]) -> Rules:
    video = rules.video
    longest = min(video.max_seconds, limits.get("video_seconds", video.max_seconds)) if video else 0
    return replace(rules, video=replace(video, max_seconds=longest)) if video else rules


def lacks(login: Login, scope: str) -> bool:
    """Whether a scope was certainly not granted."""
    return bool(login.scopes) and scope not in login.scopes


def offered(info: Mapping[str, Any]) -> tuple[str, ...]:
    levels = info.get("privacy_level_options")
    known = dict(PRIVACY_WORDS)
    return tuple(level for level in levels if level in known) if isinstance(levels, list) else ()


def switched_off(info: Mapping[str, Any]) -> frozenset[str]:
    """Names of the options that the account has switched off in the app."""
    names = ("comment", "duet", "stitch")
    return frozenset(f"allow_{name}" for name in names if info.get(f"{name}_disabled") is True)


def longest(info: Mapping[str, Any]) -> float | None:
    seconds = info.get("max_video_post_duration_sec")
    return float(seconds) if isinstance(seconds, int) and not isinstance(seconds, bool) and seconds > 0 else None
