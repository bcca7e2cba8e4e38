"""What people type about themselves."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from contentdesk.access.permissions import Role
from contentdesk.lib.errors import DomainError
from contentdesk.lib.forms import Form, stripped
from contentdesk.lib.sentences import of_error
from contentdesk.users import logins, passwords
from contentdesk.users.people import KIM_ROLES
from contentdesk.users.queries import ROLE_WORDS


class SignInForm(Form):
    login = StringField(
        _l("Nomor HP atau surel"),
        filters=[stripped],
        validators=[DataRequired(_l("Isi nomor HP atau surel Anda.")), Length(max=logins.LONGEST)],
    )
    password = PasswordField(
        _l("Kata sandi"),
        validators=[InputRequired(_l("Isi kata sandi Anda.")), Length(max=passwords.LONGEST)],
    )
    shared = BooleanField(_l("Ponsel ini dipakai bergantian"))


class WithNewPassword(Form):
    """`account_login` is the login the password will belong to, where it is known beforehand."""

    password = PasswordField(_l("Kata sandi baru"), validators=[InputRequired(_l("Pilih kata sandi."))])

    def __init__(self, *args: Any, account_login: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account_login = account_login

    def validate_password(self, field: PasswordField) -> None:
        try:
            passwords.check(field.data, self.account_login)
        except DomainError as error:
            raise ValidationError(of_error(error)) from error


class ChangePasswordForm(WithNewPassword):
    old_password = PasswordField(_l("Kata sandi lama"), validators=[InputRequired(_l("Isi kata sandi lama."))])


class NewPasswordForm(WithNewPassword):
    shared = BooleanField(_l("Ponsel ini dipakai bergantian"))


class AcceptForm(NewPasswordForm):
    name = StringField(
        _l("Nama Anda"),
        filters=[stripped],
        validators=[DataRequired(_l("Isi nama Anda.")), Length(max=80, message=_l("Paling panjang 80 huruf."))],
    )
    login = StringField(
        _l("Nomor HP atau surel"), filters=[stripped], validators=[DataRequired(_l("Isi nomor HP atau surel Anda."))]
    )

    def validate_login(self, field: StringField) -> None:
        login = logins.normalized(field.data)
        if login is None:
            raise ValidationError(_("Tulis nomor HP Indonesia, misalnya 0812-3456-7890, atau alamat surel."))

    def validate_password(self, field: PasswordField) -> None:
        self.account_login = logins.normalized(self.login.data or "") or ""
        super().validate_password(field)


class InviteForm(Form):
    """A ketua sees no choice: they invite members of their own KIM."""

    role = RadioField(_l("Peran"), validators=[InputRequired(_l("Pilih peran."))])
    kim_id = SelectField(_l("KIM"))

    def offer(self, roles: list[Role], kims: list[tuple[str, str]]) -> None:
        self.role.choices = [(role.value, _(ROLE_WORDS[role])) for role in roles]
        self.kim_id.choices = [("", _("Tidak terikat satu KIM")), *kims] if len(roles) > 1 else kims
        if self.role.data is None:
            self.role.data = Role.MEMBER.value

    def validate_kim_id(self, field: SelectField) -> None:
        if self.role.data in KIM_ROLES and not field.data:
            raise ValidationError(_("Pilih KIM untuk peran ini."))
