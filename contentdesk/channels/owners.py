"""Whose an account may be: a KIM's, or the city's and so open to every KIM."""

from flask_babel import gettext as _

from contentdesk.access.permissions import Actor, Permission, everywhere
from contentdesk.kim import queries as kims

CITY = "kota"


def owners(actor: Actor) -> list[tuple[str, str]]:
    """(value, name) for a form."""
    choices = kims.choices(actor)
    if everywhere(actor, Permission.ACCOUNT_MANAGE):
        return [*choices, (CITY, _("Kota, dipakai semua KIM"))]
    return choices


def kim_id_of(value: str) -> str | None:
    return None if value == CITY else value
