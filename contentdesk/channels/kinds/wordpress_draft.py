"""The steps until a post of a WordPress site is only a status away from being public.

The checkpoint: `media` (id and address of each photo in the site's library), `described` (how many of them have their
alternative text), `terms` (ids of categories and tags by name), `post` (the draft's id), `remade`.

Publishing is the draft's change of status, which may be repeated without harm: the same draft stays the same post.
The draft's slug is made of the delivery's id, so that it is found again when its id was lost.
"""

from copy import deepcopy
from datetime import timedelta
from hashlib import sha256
from html import unescape
from typing import Any

from contentdesk.channels.base import ChannelError, Checkpoint, NotAllowed, Outgoing, Photo, Prepared, Rejected
from contentdesk.channels.kinds.meta_errors import Meaning, Means
from contentdesk.channels.kinds.wordpress_html import Picture, content, title
from contentdesk.channels.kinds.wordpress_site import DRAFT_GONE, Site
from contentdesk.channels.rules import hashtags
from contentdesk.lib.i18n import N_

AT_ONCE = timedelta(0)
MAX_REMADE = 3
ANY_STATUS = "publish,future,draft,pending,private"
EXISTS = "term_exists"
"""Somebody made it just now, or the site takes another name for the same."""
GONE = "rest_post_invalid_id"
NO_CATEGORY = N_(
    "Kategori %(name)s belum ada di %(handle)s, dan pengguna ini tidak boleh membuatnya. Pilih kategori lain, atau "
    "minta pengelola situs membuatnya."
)


def prepare(site: Site, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
    """One step further; nothing of it is public but the files in the library, with their alternative texts."""
    state = deepcopy(checkpoint)
    media = state.setdefault("media", [])
    if len(media) < len(outgoing.photos):
        media.append(_upload(site, outgoing, len(media)))
        return _go_on(state)
    if state.get("described", 0) < len(outgoing.photos):
        return _describe(site, outgoing, state)
    lacking = next((term for term in _terms(outgoing) if _key(*term) not in state.get("terms", {})), None)
    if lacking:
        state.setdefault("terms", {})[_key(*lacking)] = _term_id(site, *lacking)
        return _go_on(state)
    return _check(site, state) if "post" in state else _draft(site, outgoing, state)


def _upload(site: Site, outgoing: Outgoing, place: int) -> dict[str, Any]:
    photo = outgoing.photos[place]
    with photo.open() as file:
        made = site.upload(f"{slug(outgoing)}-{place + 1}.jpg", file, "image/jpeg")
    if not made.get("id"):
        raise site.failure(Meaning(Means.TRANSIENT), "no_media_id")
    return {"id": made["id"], "url": str(made.get("source_url", ""))}


def _describe(site: Site, outgoing: Outgoing, state: Checkpoint) -> Prepared:
    place = state.get("described", 0)
    photo: Photo = outgoing.photos[place]
    if photo.alt_text:
        site.post(f"media/{state['media'][place]['id']}", {"alt_text": photo.alt_text})
    state["described"] = place + 1
    return _go_on(state)


def _terms(outgoing: Outgoing) -> list[tuple[str, str]]:
    """(route, name): the chosen categories, and a tag for each hashtag."""
    chosen = outgoing.options.get("categories") or []
    names = chosen.split(",") if isinstance(chosen, str) else chosen
    categories = dict.fromkeys(name.strip() for name in names if name.strip())
    tags = {tag.lower(): tag for tag in reversed(hashtags(outgoing.text))}
    return [*(("categories", name) for name in categories), *(("tags", tag) for tag in reversed(tags.values()))]


def _key(route: str, name: str) -> str:
    return f"{route}:{name}"


def _term_id(site: Site, route: str, name: str) -> int:
    """Found by its name, else made. Who may not make categories may still use those that are there."""
    rows = site.get(route, search=name, per_page="100")
    for row in rows if isinstance(rows, list) else ():
        if unescape(str(row.get("name", ""))).lower() == name.lower():
            return int(row["id"])
    try:
        made = site.post(route, {"name": name}, also={EXISTS})
        return int(made["data"]["term_id"] if made.get("code") == EXISTS else made["id"])
    except NotAllowed as error:
        raise Rejected(NO_CATEGORY, code=error.code, name=name, **site.words) from None
    except (KeyError, TypeError, ValueError):
        raise site.failure(Meaning(Means.TRANSIENT), "no_term_id") from None


def _draft(site: Site, outgoing: Outgoing, state: Checkpoint) -> Prepared:
    known = by_slug(site, outgoing)
    made = known or site.post("posts", {**fields(outgoing, state), "status": "draft"})
    if not made.get("id"):
        raise site.failure(Meaning(Means.TRANSIENT), "no_post_id")
    state["post"] = made["id"]
    return Prepared(state, ready=True)


def _check(site: Site, state: Checkpoint) -> Prepared:
    """A draft that somebody deleted meanwhile is made anew."""
    known = by_id(site, state["post"])
    if known is not None and known.get("status") != "trash":
        return Prepared(state, ready=True)
    state["remade"] = state.get("remade", 0) + 1
    if state["remade"] > MAX_REMADE:
        raise Rejected(DRAFT_GONE.words, code=GONE, **site.words)
    state.pop("post")
    return _go_on(state)


def fields(outgoing: Outgoing, state: Checkpoint) -> dict[str, Any]:
    """The whole post. Sent with the publishing too: what goes out is what was approved, whoever touched the draft."""
    terms, media = state.get("terms", {}), state.get("media", [])
    pictures = [
        Picture(one["id"], one["url"], photo.alt_text) for one, photo in zip(media, outgoing.photos, strict=False)
    ]
    found: dict[str, Any] = {
        "title": title(outgoing.title, outgoing.text),
        "content": content(outgoing.text, pictures),
        "slug": slug(outgoing),
    }
    for route in ("categories", "tags"):
        chosen = [term_id for key, term_id in terms.items() if key.startswith(f"{route}:")]
        found |= {route: chosen} if chosen else {}
    return found | ({"featured_media": media[0]["id"]} if media else {})


def slug(outgoing: Outgoing) -> str:
    return f"kim-{sha256(outgoing.delivery_id.encode()).hexdigest()[:20]}"


def by_id(site: Site, post_id: int) -> dict[str, Any] | None:
    try:
        row = site.get(f"posts/{post_id}", context="edit")
    except ChannelError as error:
        if error.code == GONE:
            return None
        raise
    return row if isinstance(row, dict) else None


def by_slug(site: Site, outgoing: Outgoing) -> dict[str, Any] | None:
    """What is public before a draft, should there be both."""
    rows = site.get("posts", slug=slug(outgoing), status=ANY_STATUS, context="edit")
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return next((row for row in found if row.get("status") == "publish"), found[0] if found else None)


def _go_on(state: Checkpoint) -> Prepared:
    return Prepared(state, ready=False, again_in=AT_ONCE)
