"""Hints about what a text says or leaves out. All are advice: words mislead a machine, a reviewer reads them."""

import re
from collections.abc import Iterator

from contentdesk.lib import words
from contentdesk.lib.i18n import N_
from contentdesk.posts import pii
from contentdesk.posts.problems import Problem, Subject, advice
from contentdesk.umkm.models import Business

MARKER = "Konten KIM bersama pelaku UMKM, tidak berbayar."
HELD = "ada"

_I = re.IGNORECASE
_PRICE = re.compile(r"\brp\.?\s?\d|\b\d+\s?(?:rb|ribu|juta)\b|\bgratis\b", _I)
_HOURS = re.compile(
    r"\b\d{1,2}[.:]\d{2}\s*(?:wib)?\s*(?:-|\u2013|\u2014|sampai|s\.?/?d\.?)\s*\d{1,2}[.:]\d{2}\b|\b24 jam\b", _I
)
_CLOCK = re.compile(r"\d{1,2}[.:]\d{2}")
_PROMO = re.compile(r"\b(diskon|promo|giveaway|potongan harga|cashback|obral|cuci gudang)\b", _I)
_DATE = re.compile(
    r"\b\d{1,2}\s?(?:jan|feb|mar|apr|mei|jun|jul|agu|sep|okt|nov|des)\w*|\b\d{1,2}/\d{1,2}\b|\b(?:sampai|hingga|berlaku)\b"
    r".{0,20}\d",
    _I,
)
_HALAL = re.compile(r"\bhalal\b(?!\s*bi\s*-?halal)|\bno pork\b|\bno lard\b", _I)
_HEALING = re.compile(
    r"\b(?:menyembuhkan|sembuh|ampuh|mujarab|mengobati|obat (?:alami|herbal|untuk)|berkhasiat"
    r"|(?:kolesterol|gula darah|tensi|berat badan) turun"
    r"|menurunkan (?:kolesterol|gula darah|tensi|berat badan)|mencegah (?:penyakit|kanker|diabetes|stroke)"
    r"|mencerdaskan|pasti cerdas|anti ?kanker|detoks)\b",
    _I,
)
_SUPERLATIVE = re.compile(
    r"\b(?:(?:nomor|no\.?) ?(?:1|satu)\b(?! ?[/.,]?\d)(?:\s(?:di|se)[\s-]?\w+)?|termurah|terbaik|terlaris|satu-satunya"
    r"|paling (?:murah|enak|bagus)|terbukti|dijamin)(?!\w)",
    _I,
)
_SCHOOL = re.compile(
    r"\b(?:siswa|siswi|murid|balita)\b|\b(?:sd|smp|tk|paud|mi)n? (?:negeri |islam )?\w*\d|\bkelas \d\b", _I
)
_SCREENSHOT = re.compile(r"\b(?:testimoni|tangkapan layar|screenshot|chat pelanggan)\b", _I)
_BORROWED = re.compile(r"\blogo (?:klub|tim|partai|merek|brand)\b|\bdari (?:google|internet|pinterest)\b", _I)
_FORBIDDEN = re.compile(
    r"\b(?:deposit|gacor|slot (?:online|gacor)|judi|togel|pinjol|pinjaman online|paslon|coblos|caleg|rokok|vape|miras"
    r"|bir|arak)\b",
    _I,
)
_PERMITS = {
    "pirt": re.compile(r"\bp-?irt\b", _I),
    "nib": re.compile(r"\b(?:ber-?)?nib\b", _I),
    "bpom_md": re.compile(r"\bbpom\b", _I),
    "slhs": re.compile(r"\bslhs\b|\blaik hi[gj]iene\b", _I),
}
_PERMIT_WORDS = {"pirt": "P-IRT", "nib": "NIB", "bpom_md": "BPOM", "slhs": "SLHS"}
_NEEDS_BPOM = re.compile(
    r"\b(?:beku|frozen|susu|yoghurt|yogurt|pasteurisasi|daging olahan|sosis|nugget|air minum kemasan"
    r"|makanan bayi|mpasi)\b",
    _I,
)


def hints(subject: Subject) -> Iterator[Problem]:
    yield from _left_out(subject)
    yield from _permits(subject)
    yield from _claimed(subject)
    yield from _private(subject)


def _left_out(subject: Subject) -> Iterator[Problem]:
    """What a reader needs and does not find. Asked only of a post about a business."""
    if not subject.businesses or not subject.text.strip():
        return
    text = subject.all_text
    yield from _hours_left_out(subject, text)
    places = {business.kelurahan.name for business in subject.businesses}
    if not any(_letters(place) in _letters(text) for place in places):
        place = sorted(places)[0]
        sentence = N_("Tempat belum tertulis. Sisipkan Kelurahan %(kelurahan)s?")
        yield advice("place_missing", "C01", sentence, f"Kelurahan {place}", kelurahan=place)
    if not _PRICE.search(text):
        yield advice("price_missing", "C09", N_("Harga belum tertulis."), prices_of(subject.businesses[0]))
    if (promo := _PROMO.search(text)) and not _DATE.search(text):
        sentence = N_('"%(word)s" perlu masa berlaku. Tulis tanggal mulai dan selesai.')
        yield advice("promo_without_date", "C09", sentence, word=promo.group())
    if _letters("Konten KIM bersama pelaku UMKM") not in _letters(text):
        yield advice("marker_missing", "C12", N_('Penanda "%(marker)s" belum ada.'), MARKER, marker=MARKER)


def _hours_left_out(subject: Subject, text: str) -> Iterator[Problem]:
    for business in subject.businesses:
        if _CLOCK.search(business.hours) and not _HOURS.search(text):
            sentence = N_("Jam buka belum tertulis. Sisipkan %(hours)s?")
            yield advice("hours_missing", "C01", sentence, hours_of(business), hours=business.hours)
            return


def _permits(subject: Subject) -> Iterator[Problem]:
    text = subject.all_text
    for permit, word in _PERMITS.items():
        lacking = [business for business in subject.businesses if business.permits.get(permit) != HELD]
        if lacking and word.search(text):
            sentence = N_(
                "Teks menyebut %(permit)s, di catatan %(business)s belum ada. Hapus, atau lengkapi catatannya."
            )
            yield advice("permit_not_held", "C06", sentence, permit=_PERMIT_WORDS[permit], business=lacking[0].name)
    yield from _needs_bpom(subject, text)
    lacking = [business for business in subject.businesses if business.permits.get("halal") != HELD]
    if (lacking or not subject.businesses) and _HALAL.search(text):
        sentence = N_('Kata "halal" perlu nomor sertifikat. Hapus, atau isi di catatan UMKM.')
        yield advice("halal_without_certificate", "C07", sentence)


def _needs_bpom(subject: Subject, text: str) -> Iterator[Problem]:
    """Chilled and frozen food, milk and meat are not covered by P-IRT (Per BPOM 4/2024)."""
    for business in subject.businesses:
        food = _NEEDS_BPOM.search(f"{business.product_kind}\n{text}") if subject.about_food else None
        if food and business.permits.get("bpom_md") != HELD:
            sentence = N_("Produk %(food)s perlu izin edar BPOM MD, P-IRT tidak cukup. Ajak ke pendampingan.")
            yield advice("bpom_needed", "C06", sentence, food=food.group().lower())
            return


def _claimed(subject: Subject) -> Iterator[Problem]:
    text = subject.all_text
    if found := _HEALING.search(text):
        sentence = N_('"%(words)s" tidak boleh dalam iklan. Ganti dengan bahan, rasa, atau cara membuatnya.')
        yield advice("healing_claim", "C08", sentence, words=found.group())
    if found := _SUPERLATIVE.search(text):
        sentence = N_('"%(words)s" perlu bukti. Coba sebut bahan atau cara membuatnya.')
        yield advice("unproven_claim", "C08", sentence, words=found.group())
    if found := _FORBIDDEN.search(text):
        sentence = N_('"%(words)s" tidak boleh tayang bila menyangkut judi, pinjaman, politik, rokok, atau alkohol.')
        yield advice("forbidden_topic", "C11", sentence, words=found.group())
    if found := _BORROWED.search(text):
        sentence = N_('"%(words)s" perlu izin pemiliknya. Pakai foto dan tanda milik sendiri.')
        yield advice("borrowed_mark", "C10", sentence, words=found.group())


def _private(subject: Subject) -> Iterator[Problem]:
    text = subject.all_text
    numbers = pii.personal_numbers(text, tuple(business.contact for business in subject.businesses))
    for kind, sentence in _NUMBER_SENTENCES.items():
        if kind in numbers:
            yield advice("personal_number", "C05", sentence, number=numbers[kind])
    if _SCREENSHOT.search(text):
        sentence = N_("Ada tangkapan layar atau testimoni? Tutup nama, nomor, dan alamat pelanggan.")
        yield advice("screenshot", "C05", sentence)
    if found := _SCHOOL.search(text):
        sentence = N_('"%(words)s": jangan sebut nama, kelas, atau sekolah anak tanpa izin orang tua.')
        yield advice("children_named", "C04", sentence, words=found.group())


_NUMBER_SENTENCES = {
    "NIK": N_("Ada angka mirip NIK. Hapus sebelum dikirim."),
    "BANK_ACCOUNT": N_("Ada angka mirip nomor rekening (%(number)s). Pakai QRIS atau kontak usaha."),
    "PHONE": N_("Nomor %(number)s tidak ada di catatan UMKM. Pastikan ini nomor usaha, bukan nomor pribadi."),
}


def prices_of(business: Business) -> str | None:
    """Keripik tempe Rp15.000/bungkus 200 g, one product a line."""
    lines = [
        f"{product.name} {words.rupiah(product.price)}" + (f"/{product.unit}" if product.unit else "")
        for product in business.products
        if product.price is not None
    ]
    return "\n".join(lines) or None


def hours_of(business: Business) -> str | None:
    return f"Buka {business.hours}" if business.hours else None


def traits(subject: Subject) -> set[str]:
    """Which parts of the checklist apply."""
    text = subject.all_text
    found = {
        "pangan": subject.about_food,
        "menyebut_izin": any(word.search(text) for word in _PERMITS.values()),
        "menyebut_halal": bool(_HALAL.search(text)),
        "ada_wajah": subject.faces != "tidak_ada",
        "ada_anak": subject.children != "tidak_ada",
    }
    return {trait for trait, holds in found.items() if holds}


def _letters(text: str) -> str:
    """Oro-oro Dowo, Oro Oro Dowo and OroOroDowo are one name."""
    return "".join(sign for sign in text.lower() if sign.isalpha())
