"""Accounts that are on or off as the media want it, because no person has moved their switch.

A channel without a format for the media (videos only, and there are photos) is left out by itself and comes back with
other media. Before there are any, nobody knows what will come, and all stay on. Once moved by hand, a switch stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from contentdesk.channels import registry
from contentdesk.channels.base import FORMAT, Channel
from contentdesk.channels.queries import usable_accounts
from contentdesk.lib.i18n import N_
from contentdesk.media.queries import assets_of
from contentdesk.posts.content import Content

PHOTOS, VIDEO = "photos", "video"
LEFT_OUT: Mapping[str, str] = {
    PHOTOS: N_("Dilewati: hanya menerima video. Menyala sendiri bila fotonya diganti video."),
    VIDEO: N_("Dilewati: tidak menerima video. Menyala sendiri bila videonya diganti foto."),
}
"""By what the post shows; messages for the catalogue."""


def settled(kim_id: str, content: Content) -> Content:
    """With each switch that nobody moved where the media want it."""
    if not content.follows:
        return content
    following = {one.id: one.kind for one in usable_accounts(kim_id) if one.id in content.follows}
    media = media_of(kim_id, content)
    on = {key for key, kind in following.items() if suits(registry.get(kind), content.options.get(kind, {}), media)}
    chosen = (set(content.account_ids) - set(following)) | on
    return replace(content, account_ids=tuple(sorted(chosen)), follows=tuple(sorted(following)))


def media_of(kim_id: str, content: Content) -> str:
    """What the post shows; empty while it shows nothing."""
    assets = assets_of(kim_id, [photo.asset_id for photo in content.photos]).values()
    if any(asset.is_video for asset in assets):
        return VIDEO
    return PHOTOS if assets else ""


def suits(channel: Channel, chosen: Mapping[str, Any], media: str) -> bool:
    """Whether there is a format for it, among those taken by themselves and the one a person chose.

    Every format takes what is not there yet.
    """
    return any(
        shape.takes(media == PHOTOS, media == VIDEO)
        for shape in channel.formats
        if not shape.chosen_only or shape.key == chosen.get(FORMAT)
    )


def unsuited(channel: Channel) -> tuple[str, ...]:
    """What the channel is left out for."""
    return tuple(media for media in LEFT_OUT if not suits(channel, {}, media))


def unmoved(on: Iterable[str], off: Iterable[str], chosen: Iterable[str]) -> tuple[str, ...]:
    """Of the switches that stood on and off by themselves when the page was made, those that still do."""
    ticked = set(chosen)
    return tuple(sorted({key for key in on if key in ticked} | {key for key in off if key not in ticked}))
