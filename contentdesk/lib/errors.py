"""Failures that a person is told about."""

from contentdesk.lib.i18n import N_


class DomainError(Exception):
    """Something a person can understand and mend.

    `message` is an Indonesian sentence for the catalogue, with `%(name)s` places for `values`.
    """

    status = 400

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class NotFound(DomainError):
    status = 404

    def __init__(self, message: str = N_("Halaman ini tidak ada, atau bukan untuk KIM Anda."), /, **values: object):
        super().__init__(message, **values)


class NotPermitted(DomainError):
    status = 403

    def __init__(
        self,
        message: str = N_("Peran Anda tidak boleh melakukan ini. Tidak ada yang berubah."),
        /,
        **values: object,
    ):
        super().__init__(message, **values)


class Conflict(DomainError):
    """Somebody else was faster; nothing was overwritten."""

    status = 409


class TooOften(DomainError):
    status = 429
