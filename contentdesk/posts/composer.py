"""The composer: one form for writing, saving and, through the review feature, handing in.

`save_from_request` is what other features call: the review feature hands in with it, in the same transaction as
the save.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup, escape
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from contentdesk.channels.abilities import Consent
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, ids, words
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError, NotFound, NotPermitted
from contentdesk.lib.sentences import of_error, sentence
from contentdesk.media import preparing, videos
from contentdesk.media import services as media
from contentdesk.media.checks import BadPhoto
from contentdesk.media.forms import is_video, read_photo
from contentdesk.media.models import Asset
from contentdesk.media.queries import assets_of
from contentdesk.posts import (
    campaigning,
    checks,
    choices,
    claims,
    creators,
    difference,
    following,
    parts,
    planning,
    queries,
    sections,
    services,
)
from contentdesk.posts.content import MAX_PHOTOS, Content, content_of, tidy
from contentdesk.posts.forms import ComposerForm, content_of_form
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.problems import Problem, anchor_of
from contentdesk.regions.models import Kelurahan
from contentdesk.users.models import User

Then = Callable[[Post], Any]
CITY_TAGS = ("#KIMKotaMalang", "#UMKMMalang")


@dataclass
class Sheet:
    """The composer's page: the form and all that stands around it."""

    form: ComposerForm
    content: Content
    post: Post | None = None
    newer: Revision | None = None
    """Somebody else's revision that this person's form did not know."""
    sentences: list[str] = field(default_factory=list)


def empty_sheet() -> Sheet:
    """With the KIM's own accounts chosen, which is what most posts want."""
    form = ComposerForm(formdata=None)
    own = [c.account.id for c in choices.accounts(current_user.kim_id, ()) if c.account.kim_id is not None]
    content = Content(account_ids=tuple(own), follows=tuple(own), business_ids=_asked_business())
    content = replace(content, campaign_id=_asked_campaign())
    form.fill(content, None, ids.secret())
    return Sheet(form, content)


def _asked_business() -> tuple[str, ...]:
    """The business that a link to the composer is about, if it may be written about."""
    asked = request.args.get("usaha")
    offered = choices.businesses(current_user.kim_id, (asked,)) if asked else []
    return tuple(one.business.id for one in offered if one.business.id == asked and one.may_choose)


def _asked_campaign() -> str | None:
    asked = request.args.get("kampanye")
    return next((one.campaign.id for one in campaigning.offered(None) if one.campaign.id == asked), None)


def sheet_of(post: Post) -> Sheet:
    form = ComposerForm(formdata=None)
    content = content_of(post, queries.newest_revision(post))
    form.fill(content, post.newest_number, None)
    return Sheet(form, content, post)


def save_from_request(
    post_id: str | None = None, then: Then | None = None, done: str | None = None
) -> ResponseReturnValue:
    """Saves what the request's form holds and answers; `then` follows in the same transaction.

    When `then` refuses, the save is kept all the same and the person is told. `done` is the address after both.
    """
    form = ComposerForm()
    content, not_added = _sent(form)
    if not form.validate():
        return page(Sheet(form, content, _own(post_id)), 422)
    refused: list[str] = []
    if then is not None:
        refused += [problem_said(one) for one in not_taken(current_user.kim_id, content)]
    try:
        post, problem = _save(form, content, post_id, None if not_added or refused else then)
    except services.SavedMeanwhile:
        return _shown_both(form, content, post_id)
    except (NotFound, NotPermitted):
        raise
    except DomainError as error:
        return page(Sheet(form, content, _own(post_id), sentences=[_said(error)]), 422)
    refused += [with_links(problem)] if problem else []
    return _answer(post, not_added, refused, then, done)


def asked(kim_id: str, content: Content) -> dict[str, creators.Told]:
    """What platforms say about the chosen accounts, where they have to be asked. Nothing about those cut off: the page
    must not ask again and again for what nobody will tell.

    Ends what this request has read so far: a slow platform keeps no connection to the database waiting.
    """
    chosen = [one.account for one in choices.accounts(kim_id, content.account_ids) if one.chosen]
    waiting = creators.questions(chosen, desk())
    if waiting:
        db.session.rollback()
    nothing = {one.kind: creators.Told() for one in chosen if creators.asks_first(one.kind)}
    return nothing | creators.ask(waiting, desk())


def not_taken(kim_id: str, content: Content) -> list[Problem]:
    """What the platforms would refuse, as far as they say so beforehand. Speaks HTTP: outside a transaction."""
    told = asked(kim_id, tidy(content))
    found = creators.problems(checks.subject_of(kim_id, tidy(content)), told) if told else []
    return checks.blocking(found)


def problem_said(problem: Problem) -> Markup:
    """With a link to the field at which it is mended."""
    words = sentence(problem.sentence, problem.values)
    return Markup('<a href="#{}">{}: {}</a>').format(problem.place, problem.channel, words)


def _sent(form: ComposerForm) -> tuple[Content, list[str]]:
    """What the request holds, and a sentence for all that was left out. Reads no more photos than fit."""
    known = [photo.asset_id for photo in content_of_form(form, request.form).photos]
    there = len(known)
    uploads = [upload for upload in request.files.getlist("photos") if upload.filename]
    asset_ids, refused = _take_files(uploads[: max(0, MAX_PHOTOS - there)], known)
    content = content_of_form(form, request.form, asset_ids)
    if there + len(uploads) > MAX_PHOTOS:
        refused.append(_("Paling banyak %(limit)s foto. Sisanya tidak ditambahkan.", limit=MAX_PHOTOS))
    photos = parts.of_one_kind(current_user.kim_id, content.photos)
    if photos != content.photos:
        refused.append(_("Satu unggahan berisi foto saja atau satu video saja. Yang menyusul tidak ditambahkan."))
    return following.settled(current_user.kim_id, replace(content, photos=photos[:MAX_PHOTOS])), refused


def _save(
    form: ComposerForm, content: Content, post_id: str | None, then: Then | None
) -> tuple[Post, DomainError | None]:
    _render_first(content)
    save = partial(_saved, form, content, post_id)
    if then is not None:
        try:
            with transaction():
                post = save()
                then(post)
            return post, None
        except services.SavedMeanwhile:
            raise
        except DomainError as error:
            problem: DomainError | None = error
    else:
        problem = None
    with transaction():
        return save(), problem


def _render_first(content: Content) -> None:
    """Each photo in a transaction of its own: cutting takes a while, and others want to write meanwhile."""
    for cut in parts.cuts(current_user.kim_id, tidy(content)):
        with transaction():
            media.render_for(cut.asset, cut.rule, cut.focus, desk().files, cut.ratio)


def _saved(form: ComposerForm, content: Content, post_id: str | None) -> Post:
    if post_id is None:
        return services.create_post(current_user, content, desk().files, form.form_key.data or None)
    post = queries.post_alone(post_id)
    services.edit_post(current_user, post, content, form.base_number.data or 0, desk().files)
    return post


def _own(post_id: str | None) -> Post | None:
    if post_id is None:
        return None
    post = queries.post_alone(post_id)
    services.may_write(current_user, post)
    return post


def _take_files(uploads: Iterable[FileStorage], known: Iterable[str]) -> tuple[list[str], list[str]]:
    """Ids of the photos and videos that came with the form, and a sentence for each that could not be used."""
    there, taken, refused = set(known), [], []
    there_already = _("Foto ini sudah ada di unggahan, jadi tidak ditambahkan lagi.")
    for upload in uploads:
        try:
            asset_id = _taken(upload).id
        except BadPhoto as error:
            refused.append(f"{upload.filename}: {_said(error)}")
            continue
        if asset_id in there:
            refused.append(f"{upload.filename}: {there_already}")
        else:
            taken.append(asset_id)
        there.add(asset_id)
    return taken, refused


def _taken(upload: FileStorage) -> Asset:
    files = desk().files
    if not is_video(upload):
        stored = media.store_photo(read_photo(upload), files)
        with transaction():
            return media.keep_photo(current_user, current_user.kim_id, stored)
    videos.must_have_left(current_user, clock.now())
    received = videos.receive(upload.stream, None, files)
    with transaction():
        asset = videos.keep_video(current_user, current_user.kim_id, received, files)
    preparing.ring(desk().bell, asset)
    return asset


def _said(error: DomainError) -> str:
    return of_error(error)


def with_links(error: DomainError) -> str:
    """What is missing may come as links to its fields; all other values are escaped."""
    return escape(_(error.message)) % error.values if error.values else of_error(error)


def _answer(
    post: Post, not_added: list[str], refused: list[str], then: Then | None, done: str | None
) -> ResponseReturnValue:
    for one in not_added:
        flash(one, "danger")
    for one in refused:
        flash(one, "warning")
    if then is not None and not (not_added or refused):
        return redirect(done or url_for("posts.edit", id=post.id), 303)
    if kind := request.form.get("ask"):
        return redirect(url_for("posts.edit", id=post.id, tanya=1, _anchor=f"pengaturan-{kind}"), 303)
    flash(_("Tersimpan %(time)s", time=words.hour(post.updated_at, str(get_locale() or "id"))), "ok")
    # A refusal stands on top of the page, with links to what is missing: no step may scroll it away.
    step = None if then is not None else request.form.get("step")
    return redirect(url_for("posts.edit", id=post.id, _anchor=step or None), 303)


def _shown_both(form: ComposerForm, content: Content, post_id: str | None) -> ResponseReturnValue:
    """The typed words come back beside the newer ones; saving again puts them on top of what is shown here."""
    post = _own(post_id) or queries.by_form_key(current_user.id, form.form_key.data)
    assert post is not None
    newer = queries.newest_revision(post)
    form.base_number.data = newer.number
    form.base_number.raw_data = None
    return page(Sheet(form, content, post, newer=newer), 409)


def page(sheet: Sheet, status: int = 200) -> ResponseReturnValue:
    content = tidy(sheet.content)
    told = asked(current_user.kim_id, content) if "tanya" in request.args else None
    values = around(current_user.kim_id, content, told)
    values |= _clash(sheet) | _sending(sheet.post)
    values["campaigns"] = campaigning.offered(content.campaign_id)
    values |= {"hashtags": _hashtags(current_user.kim_id), "endpoints": current_app.view_functions}
    editor = services.editor_of(sheet.post, current_user) if sheet.post else None
    values["editor"] = {"name": db.session.get_one(User, editor[0]).name, "until": editor[1]} if editor else None
    return render_template("posts/composer.html", sheet=sheet, form=sheet.form, post=sheet.post, **values), status


def _hashtags(kim_id: str) -> tuple[str, ...]:
    name = db.session.scalar(
        select(Kelurahan.name).join(Kim, Kim.kelurahan_code == Kelurahan.code).where(Kim.id == kim_id)
    )
    return (CITY_TAGS[0], "#Kelurahan" + "".join(sign for sign in name or "" if sign.isalnum()), *CITY_TAGS[1:])


def around(kim_id: str, content: Content, told: Mapping[str, creators.Told] | None = None) -> dict[str, Any]:
    """What the page and the hints beside the text show for this content. `told`: by kind, what platforms just said."""
    offered = choices.accounts(kim_id, content.account_ids, content.follows)
    if told is None:
        told = creators.known([one.account for one in offered if one.chosen], desk())
    content = replace(content, options=creators.with_what_is_left(content.options, told))
    subject = checks.subject_of(kim_id, content)
    by_rules = checks.problems(subject)
    found = sorted([*creators.problems(subject, told, by_rules), *by_rules], key=lambda one: not one.blocks)
    failing = checks.by_item(found)
    offered_kinds = choices.kinds(offered, subject, found)
    return {
        "content": content,
        "assets": assets_of(kim_id, [photo.asset_id for photo in content.photos]),
        "businesses": choices.businesses(kim_id, content.business_ids),
        "accounts": offered,
        "left_out": following.LEFT_OUT,
        "shown_media": following.VIDEO if subject.videos else following.PHOTOS,
        "kinds": offered_kinds,
        "counted": sorted(
            [one for one in offered_kinds if one.chosen] or offered_kinds, key=lambda one: one.rules.text.max_chars
        ),
        "sections": sections.of(offered, content.options, subject, told, found),
        "consents": [_declaration(one) for one in sections.consents(subject)],
        "stop": next((one for one in found if one.blocks and one.place.startswith("opt_")), None),
        "problems": found,
        "blocking": [(one, anchor_of(one, content)) for one in checks.blocking(found)],
        "text_hints": [one for one in found if one.place.startswith("text") and one.code != "text_missing"],
        "fine_items": [item for item in checks.applying_items(subject) if item.id not in failing],
        "suggestions": [(clock.to_wib(one).strftime("%Y-%m-%dT%H:%M"), one) for one in planning.suggestions()],
        "busy_hours": planning.busy_hours(),
        "marker": claims.MARKER,
    }


def _declaration(consent: Consent) -> Markup:
    links = {
        name: Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(url, _(words))
        for name, (words, url) in consent.links.items()
    }
    return escape(_(consent.sentence)) % links


def _clash(sheet: Sheet) -> dict[str, Any]:
    if sheet.newer is None or sheet.post is None:
        return {"clash": None}
    typed = parts.settled(sheet.post.kim_id, tidy(sheet.content))
    newer = content_of(sheet.post, sheet.newer)
    return {
        "clash": {
            "name": sheet.newer.author.name,
            "at": sheet.newer.created_at,
            "parts": difference.parts(newer, typed),
            "words": difference.words(newer.text, typed.text),
        }
    }


def _sending(post: Post | None) -> dict[str, str | None]:
    """Where the form goes to be handed in: the review feature's own addresses, when it is there."""
    endpoint = "reviews.send_edit" if post else "reviews.send_new"
    if endpoint not in current_app.view_functions:
        return {"send_url": None}
    return {"send_url": url_for(endpoint, id=post.id) if post else url_for(endpoint)}
