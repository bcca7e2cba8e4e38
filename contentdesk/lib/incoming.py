"""What comes with a request, without the one sign that PostgreSQL refuses: NUL."""

from typing import Any

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items

from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_

NUL = "\x00"


class Sent(ImmutableMultiDict[str, Any]):
    """Fields of a form or an address. NUL is left out, all else stays as typed."""

    def __init__(self, mapping: Any = None) -> None:
        super().__init__([(_clean(name), _clean(value)) for name, value in iter_multi_items(mapping or ())])


def _clean(value: Any) -> Any:
    return value.replace(NUL, "") if isinstance(value, str) else value


class CleanRequest(Request):
    parameter_storage_class = Sent


def refuse_odd_paths() -> None:
    """Before each request. Ids and words in a path have no such sign, so nobody typed it by accident."""
    if NUL in request.path:
        raise DomainError(N_("Alamat ini memuat tanda yang tidak dapat dibaca."))
