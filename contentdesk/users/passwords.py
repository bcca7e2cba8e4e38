"""Passwords: argon2id, and a few rules that keep the very easy ones out."""

from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from contentdesk.lib import ids
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_

SHORTEST = 10
LONGEST = 256
"""A limit, so that nobody keeps the server busy with a novel."""
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""The second of OWASP's equally strong settings: 19 MB for each sign-in fits small servers."""
COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text().split())
"""Only those of ten letters and more: shorter ones are refused anyway."""


def hashed(password: str) -> str:
    return HASHER.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """Whether it is the right one. Without a hash the same work is done for nothing, so the time tells nothing."""
    try:
        return HASHER.verify(password_hash or _nobodys(), password[:LONGEST]) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other settings than today's."""
    return HASHER.check_needs_rehash(password_hash)


@cache
def _nobodys() -> str:
    return hashed(ids.secret())


def check(password: str, login: str) -> None:
    """Raises DomainError, with what to do, for a password that is too easy."""
    plain = password.casefold()
    if len(password) < SHORTEST:
        raise DomainError(N_("Kata sandi perlu %(count)s huruf atau lebih."), count=SHORTEST)
    if len(password) > LONGEST:
        raise DomainError(N_("Kata sandi paling panjang %(count)s huruf."), count=LONGEST)
    if plain in {login.casefold(), login.split("@")[0].casefold()} or digits(plain) == digits(login) != "":
        raise DomainError(N_("Kata sandi sama dengan nomor HP atau surel. Pilih yang lain."))
    if plain in COMMON or len(set(plain)) < 4:
        raise DomainError(N_("Kata sandi ini terlalu mudah ditebak. Coba tiga kata yang tidak berhubungan."))


def digits(text: str) -> str:
    """A phone number without the ways to write its start; empty if `text` is more than a number."""
    only = text.lstrip("+").replace("-", "").replace(" ", "")
    return only.removeprefix("62").removeprefix("0") if only.isdigit() else ""
