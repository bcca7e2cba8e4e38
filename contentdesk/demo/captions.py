"""What published posts of the past say: small variations on the examples, and news of a kelurahan.

Nobody is named in them, and nothing in them that the review checklist would stop.
"""

from dataclasses import dataclass

from contentdesk.demo.examples import Example
from contentdesk.lib import words
from contentdesk.posts.claims import MARKER


@dataclass(frozen=True)
class Words:
    title: str
    text: str
    alt_text: str
    picture: str


_LEADS = (
    ("{product} dari {business}", "Sudah pernah mencoba {product}? {business} menyiapkannya setiap hari kerja."),
    ("Mengenal {business}", "{business} mengerjakan {kind} di {kelurahan}. Mampir, lihat, lalu pilih sendiri."),
    ("Belanja dekat rumah: {business}", "Tidak perlu jauh-jauh. {product} bisa dipesan dari tetangga sendiri."),
    ("Harga dan cara pesan {product}", "Banyak yang bertanya harganya. Ini daftar dari {business}."),
    ("Pagi di {business}", "Pesanan hari ini disiapkan sejak pagi. {product} paling sering diminta pekan ini."),
    ("Oleh-oleh dari {kelurahan}", "Tamu datang dari jauh? {product} bisa jadi buah tangan."),
    ("Baru dikemas ulang: {product}", "Kemasannya lebih rapi, isinya tetap sama. Tanya dulu, pesan kemudian."),
)
PICTURES = {
    "umkm-01": ("tempe", "paket"),
    "umkm-02": ("bakso",),
    "umkm-03": ("apel",),
    "umkm-04": ("batik",),
    "umkm-05": ("mug",),
    "umkm-06": ("susu",),
    "umkm-07": ("kopi",),
    "umkm-08": ("topeng",),
    "umkm-09": ("rotan",),
    "umkm-10": ("kaos",),
    "umkm-11": ("cireng",),
    "umkm-12": ("tumpeng",),
}
"""Names of drawings that show a business's products."""

TOPICS = (
    ("Pasar Minggu {k} Buka Lagi", "pasar", "Lapak sayur dan jajanan di bawah tenda bergaris.",
     "Pasar Minggu {k} kembali digelar di halaman balai kelurahan. Ada jajanan, sayur, dan tanaman hias.\n\n"
     "🕗 06.00-10.00 WIB\n📍 Balai Kelurahan {k}\nBawa tas belanja sendiri, ya."),
    ("Kerja Bakti Menjelang Hujan", "tanaman", "Tanaman hijau dalam pot di teras.",
     "Saluran air di {k} dibersihkan bersama sebelum hujan deras datang. Terima kasih untuk semua yang ikut.\n\n"
     "Jadwal berikutnya dibagikan lewat grup RT."),
    ("Foto Produk Cukup dengan Ponsel", "ponsel", "Ponsel di atas penyangga, menghadap kotak putih.",
     "Pelaku UMKM {k} belajar memotret produk di dekat jendela: kain putih, cahaya pagi, dan ponsel yang ada.\n\n"
     "Kelas berikutnya gratis. Daftar di balai kelurahan."),
    ("Bank Sampah {k}: Hari Timbang", "sampah", "Tiga ember pilah berwarna di lantai.",
     "Pilah dari rumah, timbang tiap Sabtu. Botol, kardus, dan minyak jelantah diterima bank sampah {k}.\n\n"
     "🕘 08.00-11.00 WIB"),
    ("Bayar Pakai QRIS di Warung {k}", "ponsel", "Ponsel di atas penyangga, menghadap kotak putih.",
     "Belasan warung di {k} sekarang menerima QRIS. Uang kembalian tidak lagi jadi soal.\n\n"
     "Ingin memasangnya? Tanya KIM, kami bantu mengisi formulirnya."),
    ("Jemput Bola NIB di {k}", "pasar", "Lapak sayur dan jajanan di bawah tenda bergaris.",
     "Petugas datang ke balai RW untuk membantu pendaftaran NIB. Bawa ponsel dan alamat usaha.\n\n"
     "🕘 09.00-12.00 WIB, tanpa biaya"),
    ("Taman Toga {k}", "tanaman", "Tanaman hijau dalam pot di teras.",
     "Jahe, kunyit, dan serai tumbuh di lahan kosong yang dulu penuh ilalang. Warga {k} boleh memetik seperlunya."),
    ("Jajanan Sore di {k}", "cireng", "Gorengan di piring dengan saus cabai.",
     "Dari pisang goreng sampai cireng, lapak sore {k} buka mulai pukul 15.30 WIB.\n\nHarga mulai Rp2.000."),
)  # fmt: skip
BROUGHT_BY = "Pewarta: {kim}\n\n#KIMKotaMalang #Kelurahan{tag} #InfoMalang"


def about_business(example: Example, variation: int) -> Words:
    """The example's own brief where it is fit to be published, then variations."""
    pictures = PICTURES[example.id]
    if example.brief.approved and variation == 0:
        return Words(example.brief.title, example.brief.caption, example.brief.alt_text, pictures[0])
    title, lead = _LEADS[variation % len(_LEADS)]
    product = example.goods[variation % len(example.goods)]
    values = {
        "product": product.name,
        "business": example.name,
        "kind": example.product_kind.split(" (")[0].lower(),
        "kelurahan": example.kelurahan,
    }
    text = f"{lead.format(**values)}\n\n{_facts(example)}\n\n{MARKER}\n\n{_tags(example.kelurahan)} #UMKMMalang"
    picture = pictures[variation % len(pictures)]
    return Words(title.format(**values), text, f"{product.name} buatan {example.name}.", picture)


def _facts(example: Example) -> str:
    prices = ", ".join(f"{one.name} {words.rupiah(one.price)}/{one.unit}" for one in example.goods)
    return f"💰 {prices}\n📍 {example.address}, Kec. {example.kecamatan}\n🕗 {example.hours}"


def about_kelurahan(kim: str, kelurahan: str, number: int) -> Words:
    title, picture, alt_text, text = TOPICS[number % len(TOPICS)]
    tail = BROUGHT_BY.format(kim=kim, tag=_letters(kelurahan))
    return Words(title.format(k=kelurahan), f"{text.format(k=kelurahan)}\n\n{tail}", alt_text, picture)


def _tags(kelurahan: str) -> str:
    return f"#KIMKotaMalang #Kelurahan{_letters(kelurahan)}"


def _letters(name: str) -> str:
    return "".join(sign for sign in name.title() if sign.isalpha())
