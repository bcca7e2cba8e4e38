"""TikTok through its Content Posting API: a video, photos, or either into the app's inbox for a member to finish."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.abilities import AccountStats, Consent, Creator, Event
from contentdesk.channels.base import (
    Accepted,
    AppKeys,
    Checkpoint,
    Format,
    Login,
    Option,
    OutcomeUnknown,
    Outgoing,
    Prepared,
    Problem,
    Rules,
    Stats,
    TryLater,
    Video,
)
from contentdesk.channels.kinds import (
    tiktok_api,
    tiktok_errors,
    tiktok_find,
    tiktok_login,
    tiktok_measure,
    tiktok_options,
    tiktok_post,
    tiktok_prepare,
    tiktok_rings,
    usages,
)
from contentdesk.channels.kinds.links import lies_on
from contentdesk.channels.kinds.oauth import OneDoor
from contentdesk.channels.kinds.servers import asked_wait
from contentdesk.channels.kinds.tiktok_api import PLATFORM, Api
from contentdesk.channels.kinds.tiktok_errors import SENTENCES, UNKNOWN_OUTCOME, Means
from contentdesk.channels.quotas import Counts, Quota, Scope, Usage
from contentdesk.lib.http import Http, NoAnswer, Reply

LINK_HOSTS = frozenset({"tiktok.com", "www.tiktok.com", "m.tiktok.com"})
LINK_PATH = r"/@[\w.-]+/(video|photo)/\d+/?|/t/[\w-]+/?|/v/\d+(\.html)?"
SHORT_HOSTS = frozenset({"vm.tiktok.com", "vt.tiktok.com"})
SHORT_PATH = r"/[\w-]+/?"
UPLOAD_OVER = frozenset({403, 404})
"""The address of the upload is over or unknown: the last piece was certainly not taken."""
UPLOAD_BUSY = 429

DOCS = "https://developers.tiktok.com/doc"


class TikTok(OneDoor):
    kind = "tiktok"
    name = PLATFORM
    icon = "brand-tiktok"
    formats: tuple[Format, ...] = tiktok_options.FORMATS
    options: tuple[Option, ...] = tiktok_options.OPTIONS
    figures = frozenset(tiktok_measure.COUNTS.values())
    scopes = tiktok_login.SCOPES
    scope_names = tiktok_login.SCOPE_NAMES
    by_hand = False
    quotas = (
        Quota(Scope.ACCOUNT, Counts.BEGUN, 6, timedelta(minutes=1), f"{DOCS}/content-posting-api-get-started"),
        Quota(Scope.ACCOUNT, Counts.POSTS, 15, timedelta(days=1), f"{DOCS}/content-sharing-guidelines"),
    )
    """The second one is shared with other apps that post there, and about as large as said."""
    posts_per_call = tiktok_measure.BATCH
    door = tiktok_login.SIGN_IN
    renew_before = timedelta(minutes=45)
    youngest_renewed = timedelta(0)
    secret_steps = tiktok_prepare.SECRET

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        return tiktok_prepare.prepare(Api(http, outgoing.login), outgoing, checkpoint)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Accepted:
        api = Api(http, outgoing.login)
        if checkpoint.get("doubt"):
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="doubt")
        if outgoing.video is not None:
            return _publish_video(api, outgoing.video, checkpoint)
        publish_id = api.post_once("post/publish/content/init/", tiktok_post.photo_body(outgoing)).get("publish_id")
        if not publish_id:
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_id")
        return tiktok_find.taken(checkpoint | {"publish_id": str(publish_id)})

    def find(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> tiktok_find.Found:
        return tiktok_find.find(Api(http, outgoing.login), outgoing, checkpoint, since)

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        return tiktok_measure.measure(Api(http, login), external_ids)

    def measure_account(self, http: Http, login: Login) -> AccountStats:
        return tiktok_measure.measure_account(Api(http, login))

    def check(self, http: Http, login: Login) -> None:
        tiktok_login.ask_user(Api(http, login), "open_id")

    def usage(self, reply: Reply) -> Sequence[Usage]:
        """A refusal may come with 200."""
        if b"_pending_share" in reply.body or b"_too_many_posts" in reply.body:
            word = tiktok_api.word_of(reply.json())
            if word in tiktok_errors.FULL_DAY:
                return (Usage(Scope.ACCOUNT, 1.0, timedelta(hours=1), Counts.POSTS),)
        if b"rate_limit_exceeded" in reply.body and tiktok_api.word_of(reply.json()) == "rate_limit_exceeded":
            return (Usage(Scope.ACCOUNT, 1.0, asked_wait(reply) or usages.UNSAID),)
        return usages.refused(reply)

    def owns_link(self, link: str) -> bool:
        return lies_on(link, LINK_HOSTS, LINK_PATH) or lies_on(link, SHORT_HOSTS, SHORT_PATH)

    def option_problems(self, options: Mapping[str, Any], format_key: str) -> Sequence[Problem]:
        return list(tiktok_options.problems(options))

    def creator(self, http: Http, login: Login) -> Creator:
        return tiktok_options.creator(Api(http, login), login)

    def limits(self, http: Http, login: Login) -> Mapping[str, int]:
        return tiktok_options.limits(Api(http, login), login)

    def rules_of(self, rules: Rules, limits: Mapping[str, int]) -> Rules:
        return tiktok_options.applied(rules, limits)

    def consent(self, options: Mapping[str, Any], format_key: str) -> Consent | None:
        return tiktok_options.consent(options)

    def exchange(
        self, http: Http, app: AppKeys | None, redirect_uri: str, code: str, verifier: str, keep: Mapping[str, str]
    ) -> Sequence[Login]:
        assert app is not None
        return (tiktok_login.exchange(http, app, redirect_uri, code),)

    def renew(self, http: Http, app: AppKeys | None, login: Login) -> Login:
        return tiktok_login.renew(http, app, login)

    def handshake(self, secret: str, query: Mapping[str, str]) -> str | None:
        """The platform asks nothing beforehand."""
        return None

    def events(self, secret: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> Sequence[Event] | None:
        return tiktok_rings.events(secret, headers, raw, now)


def _publish_video(api: Api, video: Video, checkpoint: Checkpoint) -> Accepted:
    """The last piece: with it the platform begins to post."""
    first = checkpoint.get("sent")
    if not isinstance(first, int) or "upload_url" not in checkpoint:
        raise TryLater(SENTENCES[Means.TRANSIENT], after=timedelta(minutes=1), code="no_upload", **api.words)
    try:
        reply = api.put(checkpoint["upload_url"], tiktok_prepare.piece(video, first), first, video.size)
    except NoAnswer as error:
        if error.reached:
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_answer") from None
        raise api.later("no_answer") from None
    if reply.status == 201:
        return tiktok_find.taken(checkpoint)
    code = f"upload_{reply.status}"
    if reply.status in UPLOAD_OVER or reply.status == UPLOAD_BUSY:
        raise api.later(code)
    raise OutcomeUnknown(UNKNOWN_OUTCOME, code=code)
