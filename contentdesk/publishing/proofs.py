"""The link that proves a post is out."""

from sqlalchemy import select

from contentdesk.channels import registry
from contentdesk.lib.db import db
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_
from contentdesk.publishing.models import Delivery


def proof(delivery: Delivery, typed: str) -> str:
    """The link without blanks. Raises DomainError for one of elsewhere, or one that proves another post."""
    link = typed.strip()
    if not registry.get(delivery.account.kind).owns_link(link):
        raise DomainError(
            N_("Itu bukan tautan unggahan %(channel)s. Buka unggahannya, pilih Bagikan, lalu Salin tautan."),
            channel=registry.name(delivery.account.kind),
        )
    other = db.session.scalar(
        select(Delivery.id).where(Delivery.permalink == link, Delivery.id != delivery.id).limit(1)
    )
    if other is not None:
        raise DomainError(N_("Tautan itu sudah dipakai untuk unggahan lain. Salin tautan unggahan yang ini."))
    return link
