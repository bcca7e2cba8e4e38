"""What can be turned while the sandbox runs: kept in the store, read anew for each call."""

import json
from dataclasses import asdict, dataclass, fields

from contentdesk.sandbox.store import Store


@dataclass(frozen=True)
class Knobs:
    """The defaults are those of practice; `_s` means seconds."""

    seed: int = 1
    container_delay_s: float = 2.0
    insights_delay_s: float = 30.0
    growth_half_s: float = 600.0  # after this time a post has half of its final figures
    fetch_timeout_s: float = 10.0
    quota_total: int = 50  # the documents say 25, 50 and 100
    containers_per_day: int = 400
    app_calls_per_hour: int = 40_000
    account_calls_per_hour: int = 40_000
    usage_percent: int = 0  # the usage headers show at least this
    locale: str = "id_ID"  # language of error messages when the caller asks for none
    client_id: str = ""  # empty: any
    client_secret: str = ""  # empty: any
    oauth_wrapped: bool = False  # the code exchange answers {"data": [...]}, as some documents show
    progressive_allowed: bool = False
    carousel_collaborators: bool = True  # false: a carousel with collaborators is refused, as one client saw
    graph_ended: str = ""  # this version of Graph and all before it have ended, whatever the calendar says: "v25.0"
    graph_ended_code: int = 2635  # a version that is not known at all is answered with 2500
    threads_quota_total: int = 250
    threads_reply_quota_total: int = 1000
    threads_appear_s: float = 0.0  # a new container is not found for so long, as seen
    bluesky_calls: int = 3000  # from here in five minutes
    bluesky_blob_s: float = 3600.0  # an upload that no record names is thrown away after it
    mastodon_calls: int = 300  # of an account in five minutes
    mastodon_chars: int = 500
    mastodon_media: int = 4
    mastodon_image_bytes: int = 16_777_216
    mastodon_video_bytes: int = 103_809_024
    mastodon_slow_photos: bool = False  # photos are worked on after the reply too
    mastodon_old: bool = False  # a server before 4.3: several statuses cannot be asked for at once
    wordpress_plain: bool = False  # a site without readable addresses: the interface is behind ?rest_route= alone
    second_publish_code: int = 24  # nobody documents what a second media_publish answers
    second_publish_subcode: int = 2207006
    accounts_per_page: int = 25  # most pages that one call to /me/accounts brings, whatever it asks for
    video_chunk_bytes: int = 1_048_576  # the piece of a video that is asked for next
    reels_per_day: int = 30
    reel_tells_post_id: bool = True  # seen, not documented
    views_broken_down: bool = False  # post_media_view by kind of viewer, to be added up
    batch_null_every: int = 0  # each so many-th part of a batch is answered by null; 0: none
    tiktok_audited: bool = True  # false: direct posts to private accounts only, for the account itself
    tiktok_errors_as_200: bool = False  # refusals come with HTTP 200, as seen
    tiktok_fail_reason: str = ""  # what is taken fails with this reason
    tiktok_moderation_s: float = 5.0  # so long after processing a public post has no id
    tiktok_photos_listed: bool = False  # whether photos stand in the list of videos; nobody documents it
    tiktok_posts_per_day: int = 15
    tiktok_processing_s: float = 2.0
    tiktok_refresh_s: float = 15_552_000.0  # 180 days; an older document says 365
    tiktok_token_s: float = 7200.0  # an older document says 24 hours
    tiktok_verified_prefix: str = ""  # photos are fetched from addresses that begin like this; empty: any
    telegram_per_minute: int = 20  # posts in one channel; undocumented, seen
    youtube_audited: bool = True  # false: every upload is locked as private
    youtube_uploads_per_day: int = 100  # of the whole app; the day begins at midnight in California
    youtube_units_per_day: int = 10_000
    youtube_channel_uploads_per_day: int = 50
    youtube_refresh_token_days: float = 0.0  # 7 while an app is only being tried out; 0: no end
    youtube_session_s: float = 604_800.0  # a resumable upload may be taken up for so long
    youtube_kept_bytes: int = 0  # of each piece no more than so many are kept; 0: all
    youtube_lease_s: float = 432_000.0  # the hub keeps a subscription no longer, whatever was wished
    youtube_list_delay_s: float = 60.0  # so long a fresh video is missing from the list of uploads


class WrongSetting(ValueError):
    """Says which setting and what it wants."""


class Settings:
    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> Knobs:
        stored = {row["name"]: json.loads(row["value"]) for row in self._store.rows("SELECT * FROM settings")}
        return Knobs(**stored)

    def change(self, values: dict[str, object]) -> Knobs:
        right = checked(values)
        with self._store.transaction():
            for name, value in right.items():
                self._store.run(
                    "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    name,
                    json.dumps(value),
                )
        return self.now()


def checked(values: dict[str, object]) -> dict[str, object]:
    return {name: _checked(name, value) for name, value in values.items()}


def _checked(name: str, value: object) -> object:
    wanted = {field.name: type(field.default) for field in fields(Knobs)}.get(name)
    if wanted is None:
        raise WrongSetting(f"unknown setting {name!r}; known: {', '.join(asdict(Knobs()))}")
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not wanted:
        raise WrongSetting(f"{name} wants {wanted.__name__}, got {value!r}")
    if isinstance(value, (int, float)) and name.endswith(("_s", "_total", "_day", "_hour")) and value < 0:
        raise WrongSetting(f"{name} cannot be negative")
    return value
