"""All channels there are. A new one is a file in `kinds/` and a line here; nothing else names a channel."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from contentdesk.channels.abilities import (
    Checkable,
    Connectable,
    ConnectableByKey,
    HasOwnLimits,
    MeasuresInBatches,
    PreparesAhead,
    Renewable,
    Scoped,
    ShowsFiguresToPeople,
    able,
)
from contentdesk.channels.base import Channel
from contentdesk.channels.kinds.bluesky import Bluesky
from contentdesk.channels.kinds.facebook import Facebook
from contentdesk.channels.kinds.instagram import Instagram
from contentdesk.channels.kinds.mastodon import Mastodon
from contentdesk.channels.kinds.snackvideo import SnackVideo
from contentdesk.channels.kinds.telegram import Telegram
from contentdesk.channels.kinds.threads import Threads
from contentdesk.channels.kinds.tiktok import TikTok
from contentdesk.channels.kinds.usages import refused
from contentdesk.channels.kinds.whatsapp import WhatsApp
from contentdesk.channels.kinds.wordpress import WordPress
from contentdesk.channels.kinds.youtube import YouTube
from contentdesk.channels.quotas import HasQuotas, HasServers, Quota, TellsUsage, Usage, WeighsCalls
from contentdesk.lib.errors import NotFound
from contentdesk.lib.http import Heard, Reply
from contentdesk.lib.i18n import N_

_ALL: tuple[Channel, ...] = (
    Instagram(),
    Facebook(),
    TikTok(),
    Threads(),
    YouTube(),
    Telegram(),
    WordPress(),
    Bluesky(),
    Mastodon(),
    SnackVideo(),
    WhatsApp(),
)

ONE_BY_ONE = 5
"""So many posts of a channel that is asked post by post are read before what came is kept."""

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
    return able(get(kind), Connectable)


def renewable(kind: str) -> Renewable | None:
    """The channel as one whose tokens can be renewed without a person, or None."""
    return able(get(kind), Renewable)


def figures_by_people(kind: str) -> bool:
    """Whether only people can read the figures of a post, though it went out by itself."""
    shows = able(get(kind), ShowsFiguresToPeople)
    return shows is not None and shows.figures_by_people


def posts_per_call(kind: str) -> int:
    """About how many posts a channel is asked at once."""
    in_batches = able(get(kind), MeasuresInBatches)
    return in_batches.posts_per_call if in_batches else ONE_BY_ONE


def ahead(kind: str) -> timedelta:
    """How long before its time a post of this kind may be prepared."""
    early = able(get(kind), PreparesAhead)
    return early.ahead if early else timedelta(0)


def by_key(kind: str) -> ConnectableByKey | None:
    """The channel as one whose accounts are connected with a key that a person types, or None."""
    return able(get(kind), ConnectableByKey)


def has_way_in(kind: str) -> bool:
    """Whether accounts can be connected at all, so that nobody has to post by hand."""
    return connectable(kind) is not None or by_key(kind) is not None


def checkable(kind: str) -> Checkable | None:
    """The channel as one that can say whether a login works, or None."""
    return able(get(kind), Checkable)


def with_own_limits(kind: str) -> HasOwnLimits | None:
    """The channel as one whose accounts have limits of their own, or None."""
    return able(KINDS.get(kind), HasOwnLimits)


def quotas(kind: str) -> tuple[Quota, ...]:
    limited = able(get(kind), HasQuotas)
    return limited.quotas if limited else ()


def weight(kind: str, call: Heard) -> int:
    """For how many calls the platform counts this one."""
    weighing = able(get(kind), WeighsCalls)
    return weighing.weight(call.method, call.url) if weighing else 1


def usage(kind: str, reply: Reply) -> Sequence[Usage]:
    telling = able(get(kind), TellsUsage)
    return telling.usage(reply) if telling else refused(reply)


def server(kind: str, details: Mapping[str, str]) -> str:
    """Host of the server that an account lives on; empty where all live on one platform."""
    with_servers = able(get(kind), HasServers)
    return with_servers.server(details) if with_servers else ""


def wanted_scopes(kind: str) -> tuple[str, ...]:
    """What is asked for when signing in; empty where the channel does not say."""
    scoped = able(KINDS.get(kind), Scoped)
    return scoped.scopes if scoped else ()


def scope_words(kind: str, scopes: Iterable[str]) -> list[str]:
    """What these permissions permit, each once, for the catalogue; the platform's own word where nobody knows."""
    scoped = able(KINDS.get(kind), Scoped)
    names: Mapping[str, str] = scoped.scope_names if scoped else {}
    return list(dict.fromkeys(names.get(scope, scope) for scope in scopes))


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
