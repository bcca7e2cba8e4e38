"""The form under a review. The page draws its own radio buttons; this reads what came back."""

from collections.abc import Iterable
from typing import NamedTuple

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from contentdesk.lib.errors import DomainError
from contentdesk.lib.forms import Form, stripped
from contentdesk.lib.i18n import N_
from contentdesk.posts.checklist import items
from contentdesk.reviews.checklist import Mark
from contentdesk.reviews.models import Verdict
from contentdesk.reviews.services import NOTE_LENGTH

_MARKS = [(mark.value, mark.value) for mark in Mark]


class DecisionForm(Form):
    """`notes` are ids of checklist items whose standard sentence goes into the note."""

    revision_id = HiddenField(validators=[DataRequired()])
    verdict = HiddenField(validators=[AnyOf(list(Verdict))])
    notes = SelectMultipleField(validators=[Optional()])
    note = TextAreaField(filters=[stripped], validators=[Length(max=NOTE_LENGTH)])

    def checklist(self) -> dict[str, str]:
        return {item.id: self[item.id].data for item in items() if self[item.id].data}


for _one in items():
    setattr(DecisionForm, _one.id, RadioField(choices=_MARKS, validators=[Optional()]))
del _one


class Decision(NamedTuple):
    revision_id: str
    verdict: Verdict
    checklist: dict[str, str]
    note: str


def parse_decision(data: "MultiDict[str, str]") -> Decision:
    """What the form says; one that is not ours is a DomainError. An approval carries only the reviewer's own words."""
    form = DecisionForm(data)
    form.notes.choices = [(item.id, item.id) for item in items()]
    if not form.validate():
        raise DomainError(_problem_of(form))
    verdict = Verdict(form.verdict.data)
    chosen = [] if verdict is Verdict.APPROVE else form.notes.data or []
    return Decision(form.revision_id.data, verdict, form.checklist(), _note(chosen, form.note.data or ""))


def _problem_of(form: DecisionForm) -> str:
    if form.note.errors:
        return N_("Catatan terlalu panjang. Putusan belum disimpan; persingkat dulu.")
    return N_("Putusan ini tidak dikenal, jadi belum disimpan. Muat ulang halaman ini.")


def _note(chosen: Iterable[str], own: str) -> str:
    stock = {item.id: item.stock_note for item in items()}
    return "\n".join([*(stock[one] for one in dict.fromkeys(chosen)), *([own] if own else [])])
