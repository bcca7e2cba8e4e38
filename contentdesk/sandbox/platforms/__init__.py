"""The platforms that are played: one line each."""

from contentdesk.sandbox.platforms.instagram.platform import Instagram
from contentdesk.sandbox.wire import Platform

PLATFORMS: tuple[Platform, ...] = (Instagram(),)


def by_host(host: str) -> Platform | None:
    return next((platform for platform in PLATFORMS if host in platform.hosts), None)


def by_name(name: str) -> Platform | None:
    return next((platform for platform in PLATFORMS if platform.name == name), None)
