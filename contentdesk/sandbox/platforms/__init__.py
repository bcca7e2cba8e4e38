"""The platforms that are played: one line each."""

from contentdesk.sandbox.platforms.bluesky.platform import Bluesky
from contentdesk.sandbox.platforms.facebook.platform import Facebook
from contentdesk.sandbox.platforms.instagram.platform import Instagram
from contentdesk.sandbox.platforms.mastodon.platform import Mastodon
from contentdesk.sandbox.platforms.telegram.platform import Telegram
from contentdesk.sandbox.platforms.threads.platform import Threads
from contentdesk.sandbox.platforms.tiktok.platform import TikTok
from contentdesk.sandbox.platforms.wordpress.platform import WordPress
from contentdesk.sandbox.platforms.youtube.platform import YouTube
from contentdesk.sandbox.wire import Platform

INSTAGRAM = Instagram()
PLATFORMS: tuple[Platform, ...] = (
    INSTAGRAM,
    Facebook(INSTAGRAM),
    TikTok(),
    Telegram(),
    YouTube(),
    Threads(),
    WordPress(),
    Bluesky(),
    Mastodon(),
)


def by_host(host: str) -> Platform | None:
    return next((platform for platform in PLATFORMS if host in platform.hosts), None)


def by_name(name: str) -> Platform | None:
    return next((platform for platform in PLATFORMS if platform.name == name), None)
