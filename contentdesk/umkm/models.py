"""Businesses, their products, and the consent of their owners for each purpose."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.kim.models import Kim
from contentdesk.lib.db import Model, id_column, link, moment_column
from contentdesk.regions.models import Kelurahan


class Category(StrEnum):
    """The eight of the city's own shop, Malpro."""

    FOOD = "makanan_minuman"
    MENSWEAR = "fesyen_pria"
    WOMENSWEAR = "fesyen_wanita"
    TOOLS = "peralatan"
    CRAFT = "kriya"
    HOMEWARE = "perlengkapan_rumah"
    SERVICES = "jasa"
    WEDDINGS = "pernikahan"


class Purpose(StrEnum):
    """What an owner agrees to (UU 27/2022 articles 20 to 24: explicit, recorded, for each purpose)."""

    PROFILE = "profil_usaha"
    PHOTO = "foto_produk"
    PORTRAIT = "potret"
    CONTACT = "kontak_publik"
    SCREENING = "penayangan_lomba"


PUBLISHING_PURPOSES = (Purpose.PROFILE, Purpose.PHOTO)
"""Without these no post about the business may go out."""


class Business(Model):
    __tablename__ = "businesses"

    id: Mapped[str] = id_column()
    kim_id: Mapped[str] = mapped_column(ForeignKey("kim.id"), index=True)
    kelurahan_code: Mapped[str] = mapped_column(ForeignKey("kelurahan.code"), index=True)
    name: Mapped[str]
    category: Mapped[str]
    product_kind: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    """As it may be published."""
    hours: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    """The business's own number or address, not the owner's private one."""
    permits: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """nib, pirt, halal, slhs, bpom_md, merek, qris -> ada | proses | belum."""
    malpro_url: Mapped[str | None]
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = moment_column()

    kim: Mapped[Kim] = link()
    kelurahan: Mapped[Kelurahan] = link()
    products: Mapped[list["Product"]] = link(order_by="Product.position", cascade="all, delete-orphan")
    consents: Mapped[list["Consent"]] = link(order_by="Consent.created_at")


class Product(Model):
    __tablename__ = "products"

    id: Mapped[str] = id_column()
    business_id: Mapped[str] = mapped_column(ForeignKey("businesses.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    price: Mapped[int | None]
    """Whole rupiah."""
    unit: Mapped[str] = mapped_column(default="")


class Consent(Model):
    """One purpose, agreed to once and perhaps withdrawn. Never deleted: it is the proof."""

    __tablename__ = "consents"
    __table_args__ = (
        Index(
            "uq_consents_in_force",
            "business_id",
            "purpose",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[str] = id_column()
    business_id: Mapped[str] = mapped_column(ForeignKey("businesses.id"))
    purpose: Mapped[str]
    form: Mapped[str]
    """formulir | tertulis | rekaman."""
    given_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    take_down_by: Mapped[datetime | None]
    """Live links have to be gone by then: 72 hours after the withdrawal."""
    created_at: Mapped[datetime] = moment_column()
