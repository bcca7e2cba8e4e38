"""What a person wrote and chose, as plain data: what comes out of the form and goes into a revision."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from contentdesk.posts.models import Post, Revision

MAX_PHOTOS = 10
TITLE_LENGTH = 60


class ContentPhoto(NamedTuple):
    """`focus_x` and `focus_y` are shares of width and height: what every crop keeps in the picture."""

    asset_id: str
    alt_text: str = ""
    focus_x: float = 0.5
    focus_y: float = 0.5


@dataclass(frozen=True)
class Content:
    title: str = ""
    text: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    """By channel kind, only where it differs from `text`."""
    photos: tuple[ContentPhoto, ...] = ()
    business_ids: tuple[str, ...] = ()
    account_ids: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    """Accounts whose switch no person moved, on or off: see `contentdesk.posts.following`."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By channel kind: what was chosen for it. See `contentdesk.posts.options`."""
    campaign_id: str | None = None
    campaign_was: str | None = None
    """What it was when the form was opened: only a change in the form is a change."""
    proposed_at: datetime | None = None
    photo_source: str | None = None
    """buatan_kim | milik_umkm | berizin."""
    faces: str | None = None
    """tidak_ada | berizin."""
    children: str | None = None
    """tidak_ada | berizin."""


def tidy(content: Content) -> Content:
    """The same content in the one form that is kept: line ends, blanks, order of what has none."""
    text = plain(content.text)
    return replace(
        content,
        title=" ".join(content.title.split()) or title_from(text),
        text=text,
        texts={kind: plain(own) for kind, own in content.texts.items() if plain(own) not in {"", text}},
        photos=tuple(_tidy_photo(ContentPhoto(*photo)) for photo in content.photos),
        business_ids=tuple(sorted(set(content.business_ids))),
        account_ids=tuple(sorted(set(content.account_ids))),
        follows=tuple(sorted(set(content.follows))),
    )


def plain(text: str) -> str:
    """Browsers send line ends as CRLF; platforms count and show LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def title_from(text: str) -> str:
    """For a list: the first words of the text."""
    line = re.split(r"[\n.!?]", text.strip(), maxsplit=1)[0].strip()
    return line if len(line) <= TITLE_LENGTH else line[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"


def _tidy_photo(photo: ContentPhoto) -> ContentPhoto:
    return ContentPhoto(photo.asset_id, " ".join(photo.alt_text.split()), _share(photo.focus_x), _share(photo.focus_y))


def _share(value: float) -> float:
    return round(min(max(float(value), 0.0), 1.0), 4)


def content_of(post: Post, revision: Revision) -> Content:
    """What the form shows again. Needs `photos`, `businesses` and `targets` of the revision loaded."""
    return Content(
        title=revision.title,
        text=revision.text,
        texts=dict(revision.texts),
        photos=tuple(
            ContentPhoto(photo.asset_id, photo.alt_text, photo.focus_x, photo.focus_y) for photo in revision.photos
        ),
        business_ids=tuple(sorted(business.id for business in revision.businesses)),
        account_ids=tuple(sorted(account.id for account in revision.targets)),
        follows=tuple(post.follows),
        options={kind: dict(chosen) for kind, chosen in revision.options.items()},
        campaign_id=post.campaign_id,
        campaign_was=post.campaign_id,
        proposed_at=post.proposed_at,
        photo_source=revision.photo_source,
        faces=revision.faces,
        children=revision.children,
    )
