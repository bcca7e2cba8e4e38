"""All channels there are. A new one is a file in `kinds/` and a line here; nothing else names a channel."""

from collections.abc import Mapping
from types import MappingProxyType

from contentdesk.channels.abilities import Connectable, Renewable
from contentdesk.channels.base import Channel
from contentdesk.channels.kinds.instagram import Instagram
from contentdesk.channels.kinds.snackvideo import SnackVideo
from contentdesk.lib.errors import NotFound
from contentdesk.lib.i18n import N_

_ALL: tuple[Channel, ...] = (
    Instagram(),
    SnackVideo(),
)

KINDS: Mapping[str, Channel] = MappingProxyType({channel.kind: channel for channel in _ALL})

FIGURE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "reach": N_("Jangkauan"),
        "views": N_("Tayangan"),
        "likes": N_("Suka"),
        "comments": N_("Komentar"),
        "shares": N_("Dibagikan"),
        "saves": N_("Disimpan"),
    }
)


def get(kind: str) -> Channel:
    """Raises NotFound, so that a made-up word in an address is an ordinary missing page."""
    if kind not in KINDS:
        raise NotFound(N_("Kanal ini tidak dikenal."))
    return KINDS[kind]


def is_by_hand(kind: str) -> bool:
    return get(kind).by_hand


def connectable(kind: str) -> Connectable | None:
    """The channel as one whose accounts are connected by signing in there, or None."""
    channel = get(kind)
    return channel if isinstance(channel, Connectable) else None


def renewable(kind: str) -> Renewable | None:
    """The channel as one whose tokens can be renewed without a person, or None."""
    channel = get(kind)
    return channel if isinstance(channel, Renewable) else None


def name(kind: str) -> str:
    """For the page; a kind that is no longer there shows as the bare word instead of failing the page."""
    return KINDS[kind].name if kind in KINDS else kind


def icon(kind: str) -> str:
    return KINDS[kind].icon if kind in KINDS else "world"


def how(kind: str) -> str:
    """In one word for the page, who publishes."""
    return N_("oleh anggota") if is_by_hand(kind) else N_("otomatis")


def choices() -> list[tuple[str, str]]:
    """(kind, name) in the order of the registry, for forms."""
    return [(channel.kind, channel.name) for channel in KINDS.values()]
