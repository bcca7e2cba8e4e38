"""Reading the composer's form. Lists of photos, businesses and accounts come as repeated fields."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from contentdesk.channels import registry
from contentdesk.lib.forms import Form, WibField, stripped
from contentdesk.posts import options
from contentdesk.posts.content import Content, ContentPhoto, plain
from contentdesk.posts.following import unmoved

TEXT_LENGTH = 20_000
"""Far above what any platform takes: a draft may be too long for them, a book may not."""


def _word_or_none(value: Any) -> str | None:
    return str(value) if value else None


class ComposerForm(Form):
    title = StringField(
        _l("Judul"),
        filters=[stripped],
        validators=[Length(max=120, message=_l("Judul paling panjang 120 huruf."))],
    )
    text = TextAreaField(
        _l("Teks unggahan"),
        filters=[lambda value: plain(value or "")],
        validators=[Length(max=TEXT_LENGTH, message=_l("Teks paling panjang 20.000 huruf."))],
    )
    proposed_at = WibField(_l("Waktu terbit yang diusulkan"), validators=[Optional()])
    photo_source = RadioField(
        _l("Dari mana fotonya?"),
        choices=[
            ("buatan_kim", _l("Buatan KIM")),
            ("milik_umkm", _l("Milik UMKM")),
            ("berizin", _l("Lain, berizin")),
        ],
        coerce=_word_or_none,
        validate_choice=False,
    )
    faces = RadioField(
        _l("Ada wajah orang di foto?"),
        choices=[("tidak_ada", _l("Tidak ada")), ("berizin", _l("Ada, semua mengizinkan"))],
        coerce=_word_or_none,
        validate_choice=False,
    )
    children = RadioField(
        _l("Ada anak-anak di foto?"),
        choices=[("tidak_ada", _l("Tidak ada")), ("berizin", _l("Ada, orang tua mengizinkan"))],
        coerce=_word_or_none,
        validate_choice=False,
    )
    form_key = HiddenField()
    base_number = IntegerField(validators=[Optional()])

    def fill(self, content: Content, base_number: int | None, form_key: str | None) -> None:
        """For showing a saved revision, or an empty page."""
        for name in ("title", "text", "proposed_at", "photo_source", "faces", "children"):
            self[name].data = getattr(content, name)
        self.base_number.data, self.form_key.data = base_number, form_key


def content_of_form(form: ComposerForm, sent: MultiDict[str, str], new_photos: Iterable[str] = ()) -> Content:
    """What was typed and chosen; `new_photos` are assets that came as files with this form."""
    photos = list(_photos(sent))
    known = {photo.asset_id for photo in photos}
    photos += [ContentPhoto(asset_id) for asset_id in dict.fromkeys(new_photos) if asset_id not in known]
    return Content(
        title=form.title.data or "",
        text=form.text.data or "",
        texts={kind: sent.get(f"text_{kind}", "") for kind in registry.KINDS},
        photos=tuple(photos),
        business_ids=tuple(sent.getlist("businesses")),
        account_ids=tuple(sent.getlist("accounts")),
        follows=unmoved(sent.getlist("follows_on"), sent.getlist("follows_off"), sent.getlist("accounts")),
        options=options.read(sent),
        campaign_id=sent.get("campaign") or None,
        campaign_was=sent.get("campaign_was") or None,
        proposed_at=form.proposed_at.data,
        photo_source=_answer(form.photo_source),
        faces=_answer(form.faces),
        children=_answer(form.children),
    )


def _answer(field: RadioField) -> str | None:
    """None as long as nobody answered: a draft may leave it open."""
    return next((word for word, _label in field.choices if word == field.data), None)


def _photos(sent: MultiDict[str, str]) -> Iterator[ContentPhoto]:
    """In the order of the numbers typed, else of the page. A photo stands once in a post."""
    gone = set(sent.getlist("remove"))
    ids = [asset_id for asset_id in dict.fromkeys(sent.getlist("photo")) if asset_id and asset_id not in gone]
    for asset_id in sorted(ids, key=lambda one: _number(sent.get(f"order_{one}"), len(ids))):
        yield ContentPhoto(
            asset_id,
            sent.get(f"alt_{asset_id}", ""),
            _number(sent.get(f"focus_x_{asset_id}"), 0.5),
            _number(sent.get(f"focus_y_{asset_id}"), 0.5),
        )


def _number(text: str | None, otherwise: float) -> float:
    try:
        value = float((text or "").replace(",", "."))
    except ValueError:
        return otherwise
    return value if abs(value) < 1e6 else otherwise
