"""Findings that a reviewer should see from afar, as short tags."""

from collections.abc import Iterable
from typing import NamedTuple

from contentdesk.lib.i18n import N_
from contentdesk.posts.problems import Problem


class Risk(NamedTuple):
    word: str
    """For the catalogue; may have places for the values of the problem."""
    tone: str
    icon: str
    values: tuple[tuple[str, object], ...] = ()


RISKS: dict[str, Risk] = {
    "no_consent": Risk(N_("Persetujuan belum ada"), "red", "license-off"),
    "healing_claim": Risk(N_("Klaim kesehatan"), "red", "stethoscope"),
    "forbidden_topic": Risk(N_("Topik terlarang"), "red", "ban"),
    "halal_without_certificate": Risk(N_("Klaim halal"), "red", "certificate"),
    "children_named": Risk(N_("Menyebut anak"), "red", "mood-kid"),
    "personal_number": Risk(N_("Ada nomor pribadi"), "amber", "id"),
    "permit_not_held": Risk(N_("Menyebut %(permit)s"), "amber", "shield-question"),
    "bpom_needed": Risk(N_("Perlu BPOM MD"), "amber", "shield-question"),
    "unproven_claim": Risk(N_("Klaim tanpa bukti"), "amber", "star"),
    "promo_without_date": Risk(N_("Promo tanpa tanggal"), "amber", "discount"),
    "borrowed_mark": Risk(N_("Milik pihak lain"), "amber", "license-off"),
    "screenshot": Risk(N_("Tangkapan layar"), "amber", "id"),
    "other_kelurahan": Risk(N_("UMKM kelurahan lain"), "amber", "map-pin"),
}
CHILDREN = Risk(N_("Ada anak di foto"), "red", "mood-kid")


def is_risky(problem: Problem) -> bool:
    return problem.code in RISKS


def of(problems: Iterable[Problem], children: str | None) -> list[Risk]:
    """Red ones first, each once."""
    found = [RISKS[one.code]._replace(values=tuple(one.values.items())) for one in problems if is_risky(one)]
    if children != "tidak_ada":
        found.append(CHILDREN)
    return sorted(dict.fromkeys(found), key=lambda risk: risk.tone != "red")
