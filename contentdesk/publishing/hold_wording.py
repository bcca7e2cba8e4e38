"""What a page says of something that is held: why, since when, whom to ask."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from contentdesk.lib.sentences import sentence
from contentdesk.publishing import hold_lists, holds
from contentdesk.publishing.holds import Scope
from contentdesk.publishing.models import Delivery, Hold, HoldPart
from contentdesk.publishing.wording import soon


@dataclass(frozen=True)
class Held:
    what: str
    reason: str
    """With the words of who placed it."""
    since: str
    whom_to_ask: str
    url: str

    @property
    def about(self) -> str:
        return f"{self.why} {self.whom_to_ask}"

    @property
    def why(self) -> str:
        return f"{self.since} {self.reason}"


def held(hold: Hold) -> Held:
    """With who placed it, KIM and kecamatan."""
    words = (f"{one}{'' if one[-1] in '.!?' else '.'}" for one in (reason(hold), hold.words.strip()) if one)
    since = str(_("Ditahan sejak %(when)s.", when=soon(hold.placed_at)))
    url = url_for("publishing.hold", hold_id=hold.id)
    return Held(what_of(hold), " ".join(words), since, _whom_to_ask(hold), url)


def of(deliveries: Iterable[Delivery]) -> dict[str, Held]:
    """By delivery id, of those that are held."""
    rows = list(deliveries)
    over = holds.over({one.post_id for one in rows})
    return {one.id: held(over[one.post_id]) for one in rows if holds.keeps(over.get(one.post_id), one.state)}


def what_of(thing: Hold | HoldPart) -> str:
    return _in_words(hold_lists.word(thing.kim, thing.kecamatan, thing.campaign))


def what(scope: Scope) -> str:
    return _in_words(hold_lists.named(scope))


def _in_words(word: str | list[str]) -> str:
    return sentence("%(what)s", {"what": word})


def reason(hold: Hold) -> str:
    return str(_(hold_lists.REASONS[hold.reason]))


def _whom_to_ask(hold: Hold) -> str:
    if hold.by_city:
        return str(_("Tanya %(name)s atau admin kota.", name=hold.placer.name))
    return str(_("Tanya %(name)s, ketua KIM.", name=hold.placer.name))
