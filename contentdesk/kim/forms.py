"""What an admin writes down about a KIM."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.validators import URL, DataRequired, Length, Optional

from contentdesk.kim.services import KimFacts
from contentdesk.lib.forms import Form, stripped
from contentdesk.lib.i18n import N_
from contentdesk.regions.models import Kelurahan

DECREE_BY = {"wali_kota": N_("Wali Kota"), "lurah": N_("Lurah")}


class KimForm(Form):
    name = StringField(
        _l("Nama KIM"),
        filters=[stripped],
        validators=[DataRequired(_l("Isi nama KIM.")), Length(max=80, message=_l("Paling panjang 80 huruf."))],
    )
    kelurahan_code = SelectField(_l("Kelurahan"), validators=[DataRequired(_l("Pilih kelurahan."))])
    decree_number = StringField(_l("Nomor SK"), filters=[stripped], validators=[Optional(), Length(max=80)])
    decree_date = DateField(_l("Tanggal SK"), validators=[Optional()])
    decree_by = SelectField(_l("SK oleh"), validators=[Optional()])
    term_until = DateField(_l("Masa bakti sampai"), validators=[Optional()])
    kim_id_url = StringField(
        _l("Alamat di kim.id"),
        filters=[stripped],
        validators=[
            Optional(),
            URL(message=_l("Tulis alamat lengkap, misalnya https://rodowo.kim.id.")),
            Length(max=200),
        ],
    )

    def offer(self, kelurahan: list[Kelurahan]) -> None:
        named = [(each.code, f"{each.name} ({each.kecamatan.name})") for each in kelurahan]
        self.kelurahan_code.choices = [("", _("Pilih kelurahan")), *named]
        self.decree_by.choices = [("", _("Belum diketahui")), *((value, _(word)) for value, word in DECREE_BY.items())]

    def facts(self) -> KimFacts:
        return KimFacts(
            name=self.name.data,
            kelurahan_code=self.kelurahan_code.data,
            decree_number=self.decree_number.data or None,
            decree_date=self.decree_date.data,
            decree_by=self.decree_by.data or None,
            term_until=self.term_until.data,
            kim_id_url=self.kim_id_url.data or None,
        )
