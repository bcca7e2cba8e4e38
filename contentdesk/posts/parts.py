"""From content to the rows of a revision: what belongs to the KIM, the files that go out, and the digest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import or_, select

from contentdesk.channels import registry
from contentdesk.channels.base import PhotoRule, VideoRule
from contentdesk.channels.limits import of_accounts
from contentdesk.channels.models import Account
from contentdesk.channels.queries import published_by_hand
from contentdesk.channels.rules import format_of
from contentdesk.lib import ids
from contentdesk.lib.db import Model, canonical, db
from contentdesk.lib.errors import DomainError, NotFound
from contentdesk.lib.files import FileStore
from contentdesk.lib.i18n import N_
from contentdesk.media.models import Asset, Media, Rendition
from contentdesk.media.queries import assets_of
from contentdesk.media.services import render_for
from contentdesk.media.videos import video_for
from contentdesk.posts import options
from contentdesk.posts.content import MAX_PHOTOS, Content, ContentPhoto
from contentdesk.posts.models import RevisionBusiness, RevisionFile, RevisionPhoto, RevisionTarget
from contentdesk.umkm.models import Business

VIDEO_NOT_READY = N_("Video masih disiapkan. Tunggu sebentar, lalu kirim lagi.")
MIXED = N_("Satu unggahan berisi foto saja atau satu video saja. Hapus yang lain.")


@dataclass(frozen=True)
class Parts:
    content: Content
    files: dict[str, list[Rendition]]
    """By channel kind, in the order of the photos."""
    digest: str


@dataclass(frozen=True)
class Cut:
    """One photo for one kind of channel."""

    kind: str
    asset: Asset
    rule: PhotoRule
    focus: tuple[float, float]
    ratio: float | None


@dataclass(frozen=True)
class Film:
    """The one video for one kind of channel."""

    kind: str
    asset: Asset
    rule: VideoRule


def gather(kim_id: str, content: Content, files: FileStore) -> Parts:
    """Renders photos that are not rendered yet; a video's file is there once it is prepared.

    Raises NotFound for things of another KIM, DomainError for media that do not go together.
    """
    content = settled(kim_id, content)
    renditions: dict[str, list[Rendition]] = {}
    for cut in cuts(kim_id, content):
        made = render_for(cut.asset, cut.rule, cut.focus, files, cut.ratio)
        renditions.setdefault(cut.kind, []).append(made)
    renditions |= files_of_video(kim_id, content)
    _same(content.business_ids, _businesses(kim_id, content.business_ids))
    return Parts(content, renditions, digest_of(content, renditions))


def gather_video(kim_id: str, content: Content) -> Parts:
    """As `gather`, for a post with a video."""
    content = settled(kim_id, content)
    renditions = files_of_video(kim_id, content)
    return Parts(content, renditions, digest_of(content, renditions))


def files_of_video(kim_id: str, content: Content) -> dict[str, list[Rendition]]:
    """By channel kind; kinds whose file is not made yet are left out."""
    made = {film.kind: video_for(film.asset, film.rule) for film in films(kim_id, content)}
    return {kind: [rendition] for kind, rendition in made.items() if rendition}


def films(kim_id: str, content: Content) -> Iterator[Film]:
    """Which file of the video each kind of the chosen accounts needs; kinds that take no video need none."""
    for asset in _media(kim_id, content).values():
        if not asset.is_video:
            return
        for kind, own in own_limits(kim_id, content.account_ids).items():
            channel = registry.get(kind)
            shape = format_of(channel, content.options.get(kind, {}), 0, True)
            rule = of_accounts(channel, shape.rules, own).video
            if rule is not None:
                yield Film(kind, asset, rule)


def settled(kim_id: str, content: Content) -> Content:
    """With the options as they are kept: for the chosen accounts, for the format that the media give."""
    automatic = automatic_kinds(kim_id, content.account_ids)
    assets = assets_of(kim_id, [photo.asset_id for photo in content.photos])
    videos = sum(asset.is_video for asset in assets.values())
    chosen = options.kept(content.options, automatic, len(content.photos) - videos, videos > 0)
    return replace(content, options=chosen)


def cuts(kim_id: str, content: Content) -> Iterator[Cut]:
    """What has to be rendered: each photo for each kind of the chosen accounts."""
    assets = _media(kim_id, content)
    if any(asset.is_video for asset in assets.values()):
        return
    for kind, own in own_limits(kim_id, content.account_ids).items():
        channel = registry.get(kind)
        shape = format_of(channel, content.options.get(kind, {}), len(content.photos), False)
        rule = of_accounts(channel, shape.rules, own).photo
        ratio = _common_ratio(rule, [assets[photo.asset_id] for photo in content.photos])
        for photo in content.photos:
            yield Cut(kind, assets[photo.asset_id], rule, (photo.focus_x, photo.focus_y), ratio)


def _media(kim_id: str, content: Content) -> dict[str, Asset]:
    """What the post shows: photos, or one video."""
    if len(content.photos) > MAX_PHOTOS:
        raise DomainError(N_("Paling banyak %(limit)s foto dalam satu unggahan."), limit=MAX_PHOTOS)
    assets = assets_of(kim_id, [photo.asset_id for photo in content.photos])
    _same({photo.asset_id for photo in content.photos}, assets)
    if len(assets) > 1 and any(asset.is_video for asset in assets.values()):
        raise DomainError(MIXED)
    return assets


def of_one_kind(kim_id: str, photos: tuple[ContentPhoto, ...]) -> tuple[ContentPhoto, ...]:
    """Photos alone, or one video alone: what stands first decides."""
    assets = assets_of(kim_id, [photo.asset_id for photo in photos])
    films = [photo for photo in photos if photo.asset_id in assets and assets[photo.asset_id].is_video]
    if not films:
        return photos
    return photos[:1] if photos[0] in films else tuple(photo for photo in photos if photo not in films)


def automatic_kinds(kim_id: str, account_ids: Iterable[str]) -> dict[str, bool]:
    """Kinds of the chosen accounts, which are the KIM's own or the city's: whether any publishes by itself."""
    found: dict[str, bool] = {}
    for account in _accounts(kim_id, account_ids):
        found[account.kind] = found.get(account.kind, False) or not published_by_hand(account)
    return found


def own_limits(kim_id: str, account_ids: Iterable[str]) -> dict[str, list[dict[str, int]]]:
    """By kind, the limits that are the chosen accounts' own: one set of files goes to all of them."""
    found: dict[str, list[dict[str, int]]] = {}
    for account in _accounts(kim_id, account_ids):
        found.setdefault(account.kind, []).append(account.limits)
    return found


def _accounts(kim_id: str, account_ids: Iterable[str]) -> list[Account]:
    wanted = list(account_ids)
    query = select(Account).where(Account.id.in_(wanted), or_(Account.kim_id == kim_id, Account.kim_id.is_(None)))
    accounts = list(db.session.scalars(query.order_by(Account.kind)))
    _same(wanted, (account.id for account in accounts))
    return accounts


def _businesses(kim_id: str, business_ids: Iterable[str]) -> set[str]:
    query = select(Business.id).where(Business.kim_id == kim_id, Business.id.in_(list(business_ids)))
    return set(db.session.scalars(query))


def _same(wanted: Iterable[str], found: Iterable[str]) -> None:
    if set(wanted) != set(found):
        raise NotFound(N_("Ada foto, UMKM, atau akun yang bukan milik KIM Anda. Muat ulang halaman ini."))


def _common_ratio(rule: PhotoRule, assets: list[Asset]) -> float | None:
    """In a carousel the first photo decides for all."""
    if not rule.same_ratio or len(assets) < 2:
        return None
    return min(max(assets[0].width / assets[0].height, rule.min_ratio), rule.max_ratio)


def digest_of(content: Content, files: dict[str, list[Rendition]]) -> str:
    """Over all that goes out, and over what the reviewer is told about it."""
    return ids.digest(
        canonical(
            {
                "title": content.title,
                "text": content.text,
                "texts": dict(content.texts),
                "photos": [list(photo) for photo in content.photos],
                "files": {kind: [made.sha256 for made in row] for kind, row in files.items()},
                "businesses": list(content.business_ids),
                "targets": list(content.account_ids),
                "options": {kind: dict(chosen) for kind, chosen in content.options.items()},
                "answers": [content.photo_source, content.faces, content.children],
            }
        )
    )


def rows(revision_id: str, parts: Parts) -> list[Model]:
    content = parts.content
    return [
        *(
            RevisionPhoto(revision_id=revision_id, position=place, **photo._asdict())
            for place, photo in enumerate(content.photos)
        ),
        *(RevisionBusiness(revision_id=revision_id, business_id=one) for one in content.business_ids),
        *(RevisionTarget(revision_id=revision_id, account_id=one) for one in content.account_ids),
        *(_file(revision_id, kind, place, made) for kind, row in parts.files.items() for place, made in enumerate(row)),
    ]


def _file(revision_id: str, kind: str, place: int, made: Rendition) -> RevisionFile:
    return RevisionFile(
        revision_id=revision_id,
        kind=kind,
        position=place,
        media=Media.PHOTO if made.seconds is None else Media.VIDEO,
        seconds=made.seconds,
        fps=made.fps,
        sha256=made.sha256,
        size=made.size,
        width=made.width,
        height=made.height,
    )
