"""Who appears in the practice data: KIM by kelurahan and people without names of their own."""

from dataclasses import dataclass

from contentdesk.access.permissions import Role

CITY = "35.73"
"""The story is Malang's. Any other city gets the people and one KIM, and starts empty."""
PASSWORD = "latihan-kim-2026"  # noqa: S105 - printed at every practice start, opens nothing real
HOME = "35.73.01.1007"
"""Kelurahan of the KIM that the practice members belong to."""
BRANDS = {
    "35.73.01.1007": "Purwo Agung",
    "35.73.02.1003": "Samaan",
    "35.73.02.1007": "Kayutangan",
    "35.73.02.1008": "Rodowo",
    "35.73.02.1011": "Gerabah",
    "35.73.05.1008": "Lestari",
}
"""A KIM's own name, where it is not the kelurahan's."""
WITHOUT_KIM = frozenset(
    {
        "35.73.01.1002",
        "35.73.02.1004",
        "35.73.03.1002",
        "35.73.03.1004",
        "35.73.03.1006",
        "35.73.03.1010",
        "35.73.03.1011",
        "35.73.03.1012",
        "35.73.04.1001",
        "35.73.04.1002",
        "35.73.04.1009",
        "35.73.04.1011",
        "35.73.05.1006",
        "35.73.05.1012",
    }
)
SILENT = frozenset({"35.73.03.1001", "35.73.04.1008", "35.73.05.1002"})
"""KIM that have published nothing."""
CUT_OFF = frozenset({"35.73.01.1010", "35.73.01.1011"})
"""KIM that published, but whose account has to be connected again: no figures are known."""
HELPER_OF = {"35.73.03.1012": "35.73.03.1005"}
"""A business in a kelurahan without a KIM is looked after by this neighbour's."""


@dataclass(frozen=True)
class Person:
    name: str
    login: str
    role: Role
    of_home: bool = False
    """Belongs to the practice KIM, whose name then follows."""


PEOPLE = (
    Person("Anggota 1", "anggota@latihan.test", Role.MEMBER, of_home=True),
    Person("Anggota 2", "anggota2@latihan.test", Role.MEMBER, of_home=True),
    Person("Ketua", "ketua@latihan.test", Role.CHAIR, of_home=True),
    Person("Peninjau 1", "peninjau@latihan.test", Role.REVIEWER),
    Person("Peninjau 2", "peninjau2@latihan.test", Role.REVIEWER),
    Person("Juri 1", "juri@latihan.test", Role.JUDGE),
    Person("Admin", "admin@latihan.test", Role.ADMIN),
)
MEMBER, CHAIR, REVIEWER, ADMIN = (PEOPLE[place].login for place in (0, 2, 3, 6))


def kim_name(code: str, kelurahan: str) -> str:
    return f"KIM {BRANDS.get(code, kelurahan)}"


def slug(kim: str) -> str:
    """KIM Oro-oro Dowo -> orooro.dowo: for sign-ins and account names."""
    words = kim.removeprefix("KIM ").lower().split()
    return ".".join("".join(sign for sign in word if sign.isalnum()) for word in words)
