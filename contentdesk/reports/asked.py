"""What an address asks for. A wrong part is told and replaced by its default; nothing fails."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from contentdesk.channels import registry
from contentdesk.lib import clock
from contentdesk.lib.errors import DomainError, NotFound
from contentdesk.lib.forms import date_or_none
from contentdesk.lib.i18n import N_
from contentdesk.reports.kinds.reach_tables import ORDERS
from contentdesk.reports.periods import Period, chosen, month_of
from contentdesk.reports.queries import Scope

ASCENDING, DESCENDING = "naik", "turun"
BY_NAME = frozenset({"kelurahan", "kecamatan"})
DEFAULT_ORDER = "jangkauan"


@dataclass(frozen=True)
class Asked:
    period: Period
    scope: Scope
    order: str
    descending: bool
    problem: DomainError | None = None

    def address(self, **changes: str | None) -> dict[str, str]:
        """The parts of an address that asks the same but for `changes`; defaults are left out."""
        parts: dict[str, str | None] = {
            "bulan": f"{self.period.first:%Y-%m}" if self.period.is_month else None,
            "dari": None if self.period.is_month else self.period.first.isoformat(),
            "sampai": None if self.period.is_month else self.period.last.isoformat(),
            "kanal": self.scope.channel,
            "kecamatan": self.scope.kecamatan,
            "urut": None if self.order == DEFAULT_ORDER and self.descending else self.order,
            "arah": None if self.descending == starts_descending(self.order) else _way(self.descending),
        }
        return {key: value for key, value in (parts | changes).items() if value}

    def sorted_by(self, order: str) -> dict[str, str]:
        """The address of a column's head: its usual way first, the other way when pressed again."""
        descending = not self.descending if order == self.order else starts_descending(order)
        way = None if descending == starts_descending(order) else _way(descending)
        return self.address(urut=None if order == DEFAULT_ORDER and way is None else order, arah=way)


def _way(descending: bool) -> str:
    return DESCENDING if descending else ASCENDING


def starts_descending(order: str) -> bool:
    return order not in BY_NAME


def read(args: Mapping[str, str], city_code: str, kecamatan_codes: set[str]) -> Asked:
    order = args.get("urut", DEFAULT_ORDER)
    order = order if order in ORDERS else DEFAULT_ORDER
    descending = {ASCENDING: False, DESCENDING: True}.get(args.get("arah", ""), starts_descending(order))
    scope = Scope(city_code, _channel(args.get("kanal")), _kecamatan(args.get("kecamatan"), kecamatan_codes))
    try:
        return Asked(_period(args), scope, order, descending)
    except DomainError as problem:
        return Asked(month_of(clock.today()), scope, order, descending, problem)


def _channel(kind: str | None) -> str | None:
    return registry.get(kind).kind if kind else None


def _kecamatan(code: str | None, known: set[str]) -> str | None:
    if code and code not in known:
        raise NotFound(N_("Kecamatan ini tidak dikenal."))
    return code or None


def _period(args: Mapping[str, str]) -> Period:
    if args.get("bulan"):
        first = _date(f"{args['bulan']}-01")
        return month_of(chosen(first, first).first)
    if args.get("dari") or args.get("sampai"):
        return chosen(_date(args.get("dari")), _date(args.get("sampai")))
    return month_of(clock.today())


def _date(text: str | None) -> date:
    found = date_or_none(text)
    if found is None:
        raise DomainError(N_("Tanggal itu tidak terbaca. Pilih tanggal awal dan tanggal akhir."))
    return found
