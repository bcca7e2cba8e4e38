"""What the fixed values of this feature are called on the screen."""

from collections.abc import Mapping

from contentdesk.lib.i18n import N_
from contentdesk.umkm.models import Category, Purpose

CATEGORIES: Mapping[str, str] = {
    Category.FOOD: N_("Makanan dan minuman"),
    Category.MENSWEAR: N_("Fesyen pria"),
    Category.WOMENSWEAR: N_("Fesyen wanita"),
    Category.TOOLS: N_("Peralatan"),
    Category.CRAFT: N_("Kriya"),
    Category.HOMEWARE: N_("Perlengkapan rumah"),
    Category.SERVICES: N_("Jasa"),
    Category.WEDDINGS: N_("Pernikahan"),
}

PURPOSES: Mapping[str, str] = {
    Purpose.PROFILE: N_("Profil usaha"),
    Purpose.PHOTO: N_("Foto produk"),
    Purpose.PORTRAIT: N_("Potret pemilik"),
    Purpose.CONTACT: N_("Kontak untuk umum"),
    Purpose.SCREENING: N_("Penayangan lomba"),
}

PURPOSE_HELP: Mapping[str, str] = {
    Purpose.PROFILE: N_("Nama, produk, alamat, dan jam buka boleh ditulis. Wajib untuk terbit."),
    Purpose.PHOTO: N_("Foto produk dan tempat usaha boleh dipakai. Wajib untuk terbit."),
    Purpose.PORTRAIT: N_("Wajah pemilik atau pekerja boleh tampak."),
    Purpose.CONTACT: N_("Nomor atau alamat usaha boleh disebut."),
    Purpose.SCREENING: N_("Karya tentang usaha ini boleh diputar di acara lomba."),
}

CONSENT_FORMS: Mapping[str, str] = {
    "formulir": N_("Formulir yang ditandatangani"),
    "tertulis": N_("Pesan tertulis, misalnya WhatsApp"),
    "rekaman": N_("Rekaman suara atau video"),
}

PERMITS: Mapping[str, str] = {
    "nib": N_("NIB"),
    "pirt": N_("P-IRT"),
    "halal": N_("Halal"),
    "slhs": N_("SLHS"),
    "bpom_md": N_("BPOM MD"),
    "merek": N_("Merek"),
    "qris": N_("QRIS"),
}

PERMIT_STATES: Mapping[str, str] = {
    "ada": N_("Ada"),
    "proses": N_("Dalam proses"),
    "belum": N_("Belum ada"),
}
"""A permit nobody asked about has no value: unknown is not "belum"."""
