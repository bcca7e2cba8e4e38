"""The twelve fictional businesses with their briefs (CC0), as plain data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

from contentdesk.umkm.models import PUBLISHING_PURPOSES, Purpose

FILE = Path(__file__).parent / "data" / "umkm_examples.json"
PURPOSES = {
    "publikasi profil usaha": Purpose.PROFILE,
    "foto produk": Purpose.PHOTO,
    "potret perajin": Purpose.PORTRAIT,
    "kontak publik": Purpose.CONTACT,
}
PERMIT_WORDS = ("ada", "proses", "belum")


@dataclass(frozen=True)
class Goods:
    name: str
    price: int
    unit: str


@dataclass(frozen=True)
class Brief:
    title: str
    caption: str
    """With the hashtags below."""
    alt_text: str
    time: time
    approved: bool
    """Whether a reviewer is expected to approve it."""
    note: str
    """What the reviewer is expected to say."""


@dataclass(frozen=True)
class Example:
    id: str
    kelurahan_code: str
    kelurahan: str
    kecamatan: str
    name: str
    category: str
    product_kind: str
    address: str
    hours: str
    contact: str
    permits: Mapping[str, str]
    purposes: tuple[Purpose, ...]
    consent_form: str
    goods: tuple[Goods, ...]
    brief: Brief

    @property
    def may_be_published(self) -> bool:
        return set(PUBLISHING_PURPOSES) <= set(self.purposes)


@cache
def all_examples() -> tuple[Example, ...]:
    return tuple(_example(row) for row in json.loads(FILE.read_text("utf-8"))["umkm"])


def _example(row: Mapping[str, Any]) -> Example:
    consent = row["persetujuan"]
    return Example(
        id=row["id"],
        kelurahan_code=row["kelurahan_code"],
        kelurahan=row["kelurahan"],
        kecamatan=row["kecamatan"],
        name=row["nama_usaha"],
        category=row["kategori"],
        product_kind=row["jenis_produk"],
        address=row["alamat_publik"],
        hours=row["jam_buka"],
        contact=row["kontak_publik"],
        permits={name: word for name, word in row["legalitas"].items() if word in PERMIT_WORDS},
        purposes=tuple(PURPOSES[word] for word in consent["tujuan"]),
        consent_form="tertulis" if "pesan" in consent["bentuk"] else "formulir",
        goods=tuple(Goods(one["nama"], one["harga"], one["satuan"]) for one in row["produk"]),
        brief=_brief(row["brief"], row["tinjauan_diharapkan"]),
    )


def _brief(row: Mapping[str, Any], expected: Mapping[str, Any]) -> Brief:
    return Brief(
        title=row["judul"],
        caption=f"{row['caption']}\n\n{' '.join(row['hashtags'])}",
        alt_text=row["alt_text"],
        time=time.fromisoformat(row["jadwal_usulan"][11:16]),
        approved=expected["keputusan"] == "setuju",
        note="\n".join(finding["catatan"] for finding in expected["temuan"]),
    )
