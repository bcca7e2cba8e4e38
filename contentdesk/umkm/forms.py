"""Typing in a business and a consent."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FieldList,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    URLField,
)
from wtforms import Form as PlainForm
from wtforms.validators import (
    URL,
    DataRequired,
    InputRequired,
    Length,
    Optional,
    Regexp,
    StopValidation,
    ValidationError,
)

from contentdesk.lib import clock, words
from contentdesk.lib.forms import Form, one_line
from contentdesk.umkm.models import Business, Purpose
from contentdesk.umkm.services import MOST_PRODUCTS, Details, ProductLine
from contentdesk.umkm.words import CATEGORIES, CONSENT_FORMS, PERMIT_STATES, PERMITS, PURPOSES

EMPTY_ROWS = 3
HIGHEST_PRICE = 1_000_000_000
PRICE = re.compile(r"(?:rp\.?)?(\d{1,3}(?:[.,]\d{3})+|\d+)(?:,00|,-)?")


def rupiah_of(text: str) -> int | None:
    """Whole rupiah of a price as people type it ("15.000", "Rp 15000"), None if it is none."""
    found = PRICE.fullmatch("".join(text.lower().split()))
    return int(re.sub(r"[.,]", "", found[1])) if found else None


class RupiahField(StringField):  # type: ignore[misc]  # the library has no types
    """A price. What was typed comes back when it is no price."""

    data: int | None

    def process_formdata(self, valuelist: list[str]) -> None:
        text = one_line(valuelist[0]) if valuelist else ""
        self.data = rupiah_of(text) if text else None
        if text and (self.data is None or self.data > HIGHEST_PRICE):
            raise ValueError(_l("Tulis harga seperti 15.000."))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return words.number(self.data) if self.data is not None else ""


def required() -> DataRequired:
    return DataRequired(_l("Wajib diisi."))


def at_most(count: int) -> Length:
    return Length(max=count, message=_l("Paling banyak %(max)d huruf."))


def translated(choices: Any) -> list[tuple[str, Any]]:
    return [(value, _l(word)) for value, word in choices.items()]


class ProductForm(PlainForm):  # type: ignore[misc]  # the library has no types
    name = StringField(_l("Nama produk"), [at_most(120)], filters=[one_line])
    price = RupiahField(_l("Harga (rupiah)"))
    unit = StringField(_l("Satuan"), [at_most(40)], filters=[one_line])

    def validate_name(self, field: Any) -> None:
        if not field.data and (self.price.raw_data and self.price.raw_data[0].strip()):
            raise ValidationError(_l("Isi nama produk, atau kosongkan harganya."))


def permit_field(word: str) -> SelectField:
    return SelectField(_l(word), choices=[("", _l("Belum ditanyakan")), *translated(PERMIT_STATES)], default="")


class BusinessForm(Form):
    kim_id = SelectField(_l("KIM"), choices=[])
    name = StringField(_l("Nama usaha"), [required(), at_most(120)], filters=[one_line])
    category = SelectField(_l("Kategori"), choices=[("", _l("Pilih kategori")), *translated(CATEGORIES)])
    product_kind = StringField(_l("Jenis produk"), [required(), at_most(120)], filters=[one_line])
    kelurahan_code = SelectField(_l("Kelurahan"), choices=[])
    address = StringField(_l("Alamat yang boleh ditulis"), [at_most(240)], filters=[one_line])
    hours = StringField(_l("Jam buka"), [at_most(120)], filters=[one_line])
    contact = StringField(_l("Kontak usaha"), [at_most(120)], filters=[one_line])
    malpro_url = URLField(
        _l("Tautan Malpro"),
        [
            Optional(),
            at_most(300),
            Regexp(r"https?://", message=_l("Tautan diawali https://.")),
            URL(message=_l("Tulis tautan lengkap, diawali https://.")),
        ],
        filters=[one_line],
    )
    nib = permit_field(PERMITS["nib"])
    pirt = permit_field(PERMITS["pirt"])
    halal = permit_field(PERMITS["halal"])
    slhs = permit_field(PERMITS["slhs"])
    bpom_md = permit_field(PERMITS["bpom_md"])
    merek = permit_field(PERMITS["merek"])
    qris = permit_field(PERMITS["qris"])
    products = FieldList(FormField(ProductForm), max_entries=MOST_PRODUCTS)

    def validate_category(self, field: Any) -> None:
        if not field.data:
            raise StopValidation(_l("Pilih satu kategori."))

    @property
    def permit_fields(self) -> list[Any]:
        return [self[name] for name in PERMITS]

    def add_rows(self, count: int = EMPTY_ROWS) -> None:
        """Empty rows to type in, as many as there may be."""
        for _row in range(min(count, MOST_PRODUCTS - len(self.products))):
            self.products.append_entry()

    def show(self, business: Business) -> None:
        """Fills the fields from a record."""
        for name in ("name", "category", "product_kind", "kelurahan_code", "address", "hours", "contact"):
            self[name].data = getattr(business, name)
        self.malpro_url.data = business.malpro_url or ""
        for name in PERMITS:
            self[name].data = business.permits.get(name, "")
        for product in business.products:
            self.products.append_entry({"name": product.name, "price": product.price, "unit": product.unit})

    def details(self) -> Details:
        lines = [
            ProductLine(row.form.name.data, row.form.price.data, row.form.unit.data or "") for row in self.products
        ]
        return Details(
            name=self.name.data,
            category=self.category.data,
            product_kind=self.product_kind.data,
            kelurahan_code=self.kelurahan_code.data,
            address=self.address.data or "",
            hours=self.hours.data or "",
            contact=self.contact.data or "",
            permits={name: self[name].data for name in PERMITS if self[name].data},
            malpro_url=self.malpro_url.data or None,
            products=tuple(line for line in lines if line.name),
        )


class ConsentForm(Form):
    purposes = SelectMultipleField(_l("Setuju untuk"), choices=translated(PURPOSES))
    form = RadioField(_l("Bukti"), choices=translated(CONSENT_FORMS), default="formulir")
    given_on = DateField(_l("Tanggal disetujui"), [InputRequired(_l("Wajib diisi."))], default=clock.today)

    def validate_purposes(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_l("Centang paling sedikit satu."))

    def validate_given_on(self, field: Any) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_l("Tanggal ini belum terjadi."))

    def chosen(self) -> list[Purpose]:
        return [Purpose(value) for value in self.purposes.data]
