"""What the codes of the Graph platforms mean, as a table: (code, subcode), never the words of a message.

The words follow the account's language and change without notice. A subcode of None stands for "any".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from contentdesk.channels.kinds.failing import OLD_VERSION
from contentdesk.lib.i18n import N_


class Means(StrEnum):
    LOGIN = "login"
    PERMISSION = "permission"
    LIMIT = "limit"
    """Refused for now because of a limit: nothing happened."""
    NOT_YET = "not_yet"
    """Asked too early or of something that is gone: nothing happened."""
    TRANSIENT = "transient"
    BLOCKED = "blocked"
    """Reads like a refusal, yet posts were seen live after it."""
    FEW = "few"
    """Tried a few times, then a person is asked."""
    CONTENT = "content"


CERTAIN = frozenset({Means.LOGIN, Means.PERMISSION, Means.LIMIT, Means.NOT_YET, Means.CONTENT})
"""After these the irreversible call certainly did nothing. Everything else is open."""

ANY_SUBCODE = frozenset({Means.LOGIN, Means.PERMISSION})
"""What the code alone settles for the irreversible call, whatever the subcode."""

ANY_SUBCODE_CODES = frozenset({368})
"""A block comes with ever other subcodes, and nothing was ever seen live after it."""

SENTENCES: Mapping[Means, str] = MappingProxyType(
    {
        Means.LOGIN: N_("Akun %(handle)s terputus. Tidak ada yang hilang. Sambungkan lagi."),
        Means.PERMISSION: N_(
            "%(platform)s tidak memberi izin untuk akun %(handle)s. Periksa peran dan izinnya di sana, lalu "
            "sambungkan lagi."
        ),
        Means.LIMIT: N_("Batas %(platform)s untuk akun %(handle)s sudah tercapai. Kami coba lagi nanti."),
        Means.NOT_YET: N_("%(platform)s masih memproses foto atau video. Kami coba lagi sebentar lagi."),
        Means.TRANSIENT: N_("%(platform)s sedang terganggu. Kami coba lagi nanti."),
        Means.BLOCKED: N_("%(platform)s sedang membatasi akun %(handle)s. Kami coba lagi beberapa jam lagi."),
        Means.FEW: N_("%(platform)s belum menerima unggahan ini. Periksa foto, video, dan teksnya, lalu kirim lagi."),
        Means.CONTENT: N_("%(platform)s menolak unggahan ini. Ubah foto, video, atau teksnya, lalu kirim lagi."),
    }
)
UNKNOWN_OUTCOME = N_("Belum pasti terbit. Kami sedang memeriksa, jangan unggah ulang.")

WAITS: Mapping[Means, timedelta] = MappingProxyType(
    {
        Means.LIMIT: timedelta(hours=1),
        Means.NOT_YET: timedelta(seconds=15),
        Means.TRANSIENT: timedelta(minutes=1),
        Means.BLOCKED: timedelta(hours=6),
        Means.FEW: timedelta(minutes=1),
    }
)


@dataclass(frozen=True)
class Meaning:
    means: Means
    sentence: str = ""
    wait: timedelta | None = None

    @property
    def words(self) -> str:
        return self.sentence or SENTENCES[self.means]

    @property
    def after(self) -> timedelta:
        return self.wait or WAITS.get(self.means, timedelta(minutes=1))


UNDOCUMENTED = Meaning(Means.FEW)
DAILY_LIMIT = Meaning(
    Means.LIMIT,
    N_("Batas terbit harian %(platform)s untuk akun %(handle)s tercapai. Kami coba lagi nanti."),
    timedelta(minutes=30),
)


def _content(sentence: str) -> Meaning:
    return Meaning(Means.CONTENT, sentence)


_LOGIN = Meaning(Means.LOGIN)
NO_PERMISSION = Meaning(
    Means.PERMISSION,
    N_(
        "%(platform)s tidak memberi izin untuk akun %(handle)s. Periksa peran Anda di sana, lalu sambungkan lagi. "
        "Bila tetap begitu, minta admin memeriksa izin aplikasi kota."
    ),
)
ACCOUNT_GONE = Meaning(
    Means.PERMISSION,
    N_(
        "%(platform)s tidak lagi mengenal akun %(handle)s, atau peran Anda di sana dicabut. Periksa di %(platform)s, "
        "lalu sambungkan lagi atau pilih akun lain."
    ),
)
_LIMIT = Meaning(Means.LIMIT)
_TRANSIENT = Meaning(Means.TRANSIENT)
_FEW = Meaning(Means.FEW)
_CONTENT = Meaning(Means.CONTENT)
_NOT_FETCHED = Meaning(
    Means.FEW, N_("%(platform)s tidak bisa mengambil foto atau video dari layanan ini. Minta admin memeriksanya.")
)
_FILM = Meaning(
    Means.FEW, N_("%(platform)s belum berhasil memproses videonya. Unggah lagi videonya, lalu kirim untuk ditinjau.")
)
_LINK = _content(N_("%(platform)s tidak bisa membuka tautannya. Periksa tautannya, lalu kirim lagi."))
_PAUSED = Meaning(
    Means.LIMIT,
    N_("%(platform)s sedang menahan akun %(handle)s. Kami coba lagi besok. Periksa juga aplikasinya."),
    timedelta(hours=24),
)
_OLD_VERSION = Meaning(Means.PERMISSION, OLD_VERSION)
_RESTRICTED = Meaning(
    Means.PERMISSION,
    N_("%(platform)s membatasi akun %(handle)s. Buka aplikasinya, ikuti petunjuk di sana, lalu coba lagi."),
)

TABLE: Mapping[tuple[int, int | None], Meaning] = MappingProxyType(
    {
        **{(code, None): _LOGIN for code in (102, 190)},
        # 2500 names a path that is not known, or a call without any token, which never leaves here.
        **{(code, None): _OLD_VERSION for code in (2500, 2635)},
        **{(code, None): NO_PERMISSION for code in (3, 10, *range(200, 300), 1404078, 4854002)},
        **{(code, None): _LIMIT for code in (4, 17, 32, 341, 613, 1390008, *range(80000, 80015))},
        **{(code, None): _TRANSIENT for code in (1, 2)},
        (25, 2207050): _RESTRICTED,
        (4, 2207051): Meaning(Means.BLOCKED),
        (368, None): _PAUSED,
        (324, None): _content(N_("%(platform)s menolak bentuk berkas foto. Pakai foto JPEG.")),
        (382, None): _content(N_("%(platform)s menolak: berkas videonya terlalu kecil. Unggah video lain.")),
        (389, None): _NOT_FETCHED,
        **{(code, None): _FILM for code in (6000, 6001)},
        (9, 2207042): DAILY_LIMIT,
        (9007, 2207027): Meaning(Means.NOT_YET),
        (24, 2207006): Meaning(Means.NOT_YET),
        (24, 4279009): Meaning(Means.NOT_YET),
        (24, 2207008): Meaning(Means.NOT_YET, wait=timedelta(minutes=1)),
        (-2, 2207020): Meaning(Means.NOT_YET),
        (-2, 2207003): _TRANSIENT,
        (-1, 2207001): _TRANSIENT,
        (-1, 2207032): _TRANSIENT,
        (-1, 2207053): _TRANSIENT,
        (9004, 2207052): _NOT_FETCHED,
        (100, 33): _FEW,  # missing, no access, or nothing at all: seen on things that are there
        (506, None): _FEW,  # "posted twice": after a lost answer that is rather a yes
        **{(100, code): _CONTENT for code in (2207023, 2207035, 2207036, 2207037, 2207040)},
        **{(code, None): _CONTENT for code in (100, 352, 1346003, 1366046, 1609005)},
        **{(code, None): _CONTENT for code in (36000, 36001, 36003, 36004)},
        (1, 2207057): _CONTENT,
        (352, 2207026): _content(
            N_("%(platform)s tidak bisa membaca videonya. Unggah lagi sebagai MP4, lalu kirim untuk ditinjau.")
        ),
        (352, 2207076): _FILM,
        (352, 2207077): _FILM,
        (352, 2207082): _FILM,
        (100, 4279071): _content(N_("%(platform)s menolak topiknya. Ganti atau kosongkan topik, lalu kirim lagi.")),
        (100, 2207028): _content(N_("%(platform)s menerima 2 sampai 10 foto sekaligus. Ubah jumlahnya.")),
        (36000, 2207004): _content(N_("%(platform)s menolak: foto lebih dari 8 MB. Kecilkan fotonya.")),
        (36001, 2207005): _content(N_("%(platform)s menolak bentuk berkas foto. Pakai foto JPEG.")),
        (36003, 2207009): _content(N_("%(platform)s menolak: bentuk foto tidak pas. Potong ke 4:5.")),
        (36004, 2207010): _content(
            N_("%(platform)s menolak: teks terlalu panjang atau terlalu banyak tagar. Ringkas dulu.")
        ),
    }
)

SUBCODES: Mapping[int, Meaning] = MappingProxyType(
    {
        4279013: _RESTRICTED,
        1390008: Meaning(Means.LIMIT, N_("%(platform)s minta jeda: akun %(handle)s terbit terlalu cepat.")),
        **dict.fromkeys((1404006, 1404112), _RESTRICTED),
        **dict.fromkeys((1404078, 4854002), NO_PERMISSION),
        **dict.fromkeys((1363047, 1609010), _TRANSIENT),
        **dict.fromkeys((1346003, 1349125, 1404102), _CONTENT),
        **dict.fromkeys((1609005, 1609008, 2061006), _LINK),
        1366046: _content(N_("%(platform)s menolak: foto lebih dari 4 MB. Kecilkan fotonya.")),
        1366051: _FEW,  # "these photos were posted already": after a lost answer that is a yes
    }
)
"""Known by their number alone: nobody says with which code they come."""

_SUBCODE = re.compile(r"\b2207\d{3}\b")


def meaning(code: int, subcode: int) -> Meaning:
    """The exact pair first, then the code alone."""
    return TABLE.get((code, subcode)) or SUBCODES.get(subcode) or TABLE.get((code, None)) or UNDOCUMENTED


def settles(code: int, subcode: int) -> bool:
    """Whether this answer to the irreversible call certainly means that nothing was published.

    A known code with a subcode nobody has seen settles nothing, except for the login and the permission.
    """
    exact = TABLE.get((code, subcode or None)) or SUBCODES.get(subcode)
    if exact:
        return exact.means in CERTAIN
    if code in ANY_SUBCODE_CODES:
        return True
    return meaning(code, subcode).means in ANY_SUBCODE


def subcode_in_status(status: str) -> int:
    """The number that a failed container carries in its status ("Error: … error code 2207026"), or 0."""
    found = _SUBCODE.search(status)
    return int(found.group()) if found else 0


def meaning_of_subcode(subcode: int) -> Meaning:
    """For places that give the subcode alone."""
    for (_code, known), entry in TABLE.items():
        if known is not None and known == subcode:
            return entry
    return UNDOCUMENTED
