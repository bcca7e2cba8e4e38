"""YouTube Shorts through the Data API: one upright or square video of at most three minutes.

The platform has no mark for a Short: it makes one of every such video.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.abilities import AccountStats, Ask, Comments, Consent, Event, Leaving, Subscribed
from contentdesk.channels.base import (
    AppKeys,
    CannotTell,
    Checkpoint,
    Format,
    Login,
    NotThere,
    Option,
    OptionType,
    OutcomeUnknown,
    Outgoing,
    PhotoRule,
    Prepared,
    Problem,
    Rules,
    Sent,
    Stats,
    TextRule,
    VideoRule,
)
from contentdesk.channels.kinds import (
    usages,
    youtube_comments,
    youtube_errors,
    youtube_find,
    youtube_login,
    youtube_measure,
    youtube_rings,
    youtube_upload,
)
from contentdesk.channels.kinds.links import lies_on
from contentdesk.channels.kinds.servers import asked_wait
from contentdesk.channels.kinds.youtube_api import PLATFORM, Google
from contentdesk.channels.kinds.youtube_errors import UNKNOWN_OUTCOME
from contentdesk.channels.kinds.youtube_text import (
    DESCRIPTION_BYTES,
    FORBIDDEN,
    KIDS,
    PRIVACY,
    SYNTHETIC,
    TITLE,
    TITLE_OPTION,
    size,
    units,
)
from contentdesk.channels.quotas import Counts, Quota, Scope, Usage
from contentdesk.lib import clock
from contentdesk.lib.http import Http, Reply
from contentdesk.lib.i18n import N_

LINK_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
SHORT_HOSTS = frozenset({"youtu.be"})
VIDEO = r"[\w-]{11}"

SHORT = Rules(
    text=TextRule(max_chars=DESCRIPTION_BYTES, max_hashtags=60, forbidden=FORBIDDEN, count=size),
    photo=PhotoRule(max_count=0),
    video=VideoRule(max_seconds=180, min_ratio=0.4, max_ratio=1.01),
)
OPTIONS: tuple[Option, ...] = (
    Option(
        TITLE_OPTION,
        N_("Judul video"),
        OptionType.TEXT,
        help=N_("Kosongkan untuk memakai judul unggahan."),
        max_chars=TITLE,
        count=units,
    ),
    Option(
        PRIVACY,
        N_("Siapa yang dapat menonton"),
        OptionType.CHOICE,
        choices=(
            ("public", N_("Semua orang")),
            ("unlisted", N_("Hanya yang punya tautannya")),
            ("private", N_("Hanya pemilik kanal")),
        ),
        required=True,
    ),
    Option(
        KIDS,
        N_("Untuk siapa videonya"),
        OptionType.CHOICE,
        choices=(("no", N_("Bukan khusus anak-anak")), ("yes", N_("Khusus anak-anak"))),
        required=True,
        help=N_("Pada video khusus anak-anak, komentar dimatikan oleh platform."),
    ),
    Option(
        SYNTHETIC,
        N_("Ada gambar atau suara buatan AI yang tampak nyata"),
        OptionType.TOGGLE,
        default=False,
    ),
)

QUOTAS = "https://developers.google.com/youtube/v3/determine_quota_cost"


class YouTube:
    kind = "youtube"
    ahead = timedelta(minutes=30)
    name = PLATFORM
    icon = "brand-youtube"
    formats: tuple[Format, ...] = (Format("short", N_("Video pendek"), SHORT),)
    options = OPTIONS
    figures = frozenset({"views", "likes", "comments"})
    by_hand = False
    quotas = (
        Quota(Scope.APP, Counts.BEGUN, 100, timedelta(days=1), QUOTAS),
        Quota(Scope.APP, Counts.CALLS, 10_000, timedelta(days=1), QUOTAS),
    )
    """Both begin anew at midnight in California; counted here over any 24 hours, which is never more."""
    posts_per_call = youtube_measure.BATCH
    needs_app = True
    asks: tuple[Ask, ...] = ()
    scopes = youtube_login.SCOPES
    scope_names = youtube_login.SCOPE_NAMES
    renew_before = timedelta(minutes=10)
    youngest_renewed = timedelta(0)
    secret_steps = youtube_upload.SECRET

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        return youtube_upload.prepare(Google(http, outgoing.login), outgoing, checkpoint)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent:
        reply = youtube_upload.publish(Google(http, outgoing.login), outgoing, checkpoint)
        sent = youtube_find.sent_of(reply.json(), outgoing)
        if sent is None:
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_id")
        return sent

    def find(
        self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime
    ) -> Sent | NotThere | CannotTell:
        return youtube_find.find(Google(http, outgoing.login), outgoing, checkpoint, since)

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        return youtube_measure.measure(Google(http, login), external_ids)

    def measure_account(self, http: Http, login: Login) -> AccountStats:
        return youtube_measure.measure_account(Google(http, login))

    def comments(self, http: Http, login: Login, external_id: str) -> Comments:
        return youtube_comments.comments(Google(http, login), login, external_id)

    def weight(self, method: str, url: str) -> int:
        """Uploads have a quota of their own; each reading call used here is one unit."""
        return 0 if "/upload/" in url or "/youtube/v3/" not in url else 1

    def usage(self, reply: Reply) -> Sequence[Usage]:
        if reply.status < 400:
            return ()
        reason = youtube_errors.reason_of(reply.json())
        if reason in youtube_errors.DAY_IS_OVER:
            return _over(youtube_errors.until_new_day(clock.now()))
        if reason in youtube_errors.TOO_FAST:
            return (Usage(Scope.APP, 1.0, asked_wait(reply) or usages.UNSAID),)
        if reason == youtube_errors.CHANNEL_DAY:
            return (Usage(Scope.ACCOUNT, 1.0, timedelta(hours=24), Counts.POSTS),)
        return usages.refused(reply)

    def owns_link(self, link: str) -> bool:
        if lies_on(link, SHORT_HOSTS, rf"/{VIDEO}/?"):
            return True
        return lies_on(link, LINK_HOSTS, rf"/(shorts|live)/{VIDEO}/?") or _is_watch_page(link)

    def option_problems(self, options: Mapping[str, Any], format_key: str) -> Sequence[Problem]:
        if set(FORBIDDEN) & set(str(options.get(TITLE_OPTION) or "")):
            sentence = N_("Tanda %(signs)s tidak diterima di judul. Hapus dulu.")
            return [Problem("forbidden_signs", sentence, {"signs": FORBIDDEN}, TITLE_OPTION)]
        return []

    def consent(self, options: Mapping[str, Any], format_key: str) -> Consent:
        return Consent(
            N_("Dengan mengirim, Anda menyetujui %(terms)s YouTube. Data diolah menurut %(privacy)s Google."),
            {
                "terms": (N_("Persyaratan Layanan"), "https://www.youtube.com/t/terms"),
                "privacy": (N_("Kebijakan Privasi"), "https://policies.google.com/privacy"),
            },
        )

    def leave(
        self, http: Http, app: AppKeys | None, redirect_uri: str, state: str, verifier: str, answers: Mapping[str, str]
    ) -> Leaving:
        assert app is not None
        return Leaving(youtube_login.authorize_url(app, redirect_uri, state, verifier))

    def exchange(
        self, http: Http, app: AppKeys | None, redirect_uri: str, code: str, verifier: str, keep: Mapping[str, str]
    ) -> Sequence[Login]:
        assert app is not None
        return (youtube_login.exchange(http, app, redirect_uri, code, verifier),)

    def renew(self, http: Http, app: AppKeys | None, login: Login) -> Login:
        return youtube_login.renew(http, app, login)

    def check(self, http: Http, login: Login) -> None:
        youtube_login.check(http, login)

    def subscribe(self, http: Http, app: AppKeys, login: Login, callback: str) -> Subscribed:
        return youtube_rings.subscribe(http, app, login, callback)

    def unsubscribe(self, http: Http, app: AppKeys, login: Login, callback: str) -> None:
        youtube_rings.subscribe(http, app, login, callback, "unsubscribe")

    def confirmed(self, query: Mapping[str, str]) -> tuple[str, timedelta] | None:
        return youtube_rings.confirmed(query)

    def handshake(self, secret: str, query: Mapping[str, str]) -> str | None:
        return youtube_rings.handshake(secret, query)

    def events(self, secret: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> Sequence[Event] | None:
        return youtube_rings.events(secret, headers, raw, now)


def _is_watch_page(link: str) -> bool:
    """Here the video stands in the query: the path alone says nothing."""
    address, _, query = link.strip().partition("?")
    wanted = (part for part in query.partition("#")[0].split("&") if part.startswith("v="))
    video = next(wanted, "").removeprefix("v=")
    return lies_on(link, LINK_HOSTS, "/watch") and lies_on(f"{address}/{video}", LINK_HOSTS, rf"/watch/{VIDEO}")


def _over(free_in: timedelta) -> tuple[Usage, ...]:
    """One word for uploads and for reading: no post is begun, figures wait, and what may be public is looked for."""
    return Usage(Scope.APP, 1.0, free_in, Counts.POSTS), Usage(Scope.APP, 0.99, free_in)
