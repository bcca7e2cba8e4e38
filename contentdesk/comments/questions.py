"""Whether a comment asks something: the words with which people in Malang ask for price, place and hours."""

import re

_ASKING = re.compile(
    r"\?|\b(berapa|brp|piro|di\s?mana|dimana|dmn|nang\s?endi|alamat(nya)?|lokasi(nya)?|jam\s+berapa|buka\s+(jam|sampai|hari)"
    r"|harga(nya)?|kapan|bagaimana|gimana|yaapa|apakah|bisa\s+(pesan|cod|kirim|order)|masih\s+ada|ready|minta\s+(nomor|wa|no))\b",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    return _ASKING.search(text) is not None
