"""What people type about themselves."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from contentdesk.lib.errors import DomainError
from contentdesk.lib.forms import Form, stripped
from contentdesk.users import logins, passwords


class SignInForm(Form):
    login = StringField(
        _l("Nomor HP atau surel"),
        filters=[stripped],
        validators=[InputRequired(_l("Isi nomor HP atau surel Anda.")), Length(max=logins.LONGEST)],
    )
    password = PasswordField(
        _l("Kata sandi"),
        validators=[InputRequired(_l("Isi kata sandi Anda.")), Length(max=passwords.LONGEST)],
    )
    shared = BooleanField(_l("Ponsel ini dipakai bergantian"))


class NewPasswordForm(Form):
    """`account_login` is the login the password will belong to, where it is known beforehand."""

    password = PasswordField(_l("Kata sandi baru"), validators=[InputRequired(_l("Pilih kata sandi."))])

    def __init__(self, *args: Any, account_login: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account_login = account_login

    def validate_password(self, field: PasswordField) -> None:
        try:
            passwords.check(field.data, self.account_login)
        except DomainError as error:
            raise ValidationError(_(error.message) % error.values) from error


class PasswordForm(NewPasswordForm):
    old_password = PasswordField(_l("Kata sandi lama"), validators=[InputRequired(_l("Isi kata sandi lama."))])
