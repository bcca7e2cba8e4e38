"""Dates, money and numbers as Indonesians (or, second, English readers) write them."""

from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal

from contentdesk.lib import clock

NO_BREAK = "\u00a0"


def day(value: date | datetime, locale: str = "id") -> str:
    """Jumat, 11 Desember 2026"""
    return format_date(_date(value), "EEEE, d MMMM y", locale=locale)


def short_day(value: date | datetime, locale: str = "id") -> str:
    """11 Des 2026"""
    return format_date(_date(value), "d MMM y", locale=locale)


def month(value: date | datetime, locale: str = "id") -> str:
    """Desember 2026"""
    return format_date(_date(value), "MMMM y", locale=locale)


def weekday(value: date | datetime, locale: str = "id") -> str:
    """Jumat"""
    return format_date(_date(value), "EEEE", locale=locale)


def short_weekday(value: date | datetime, locale: str = "id") -> str:
    """Jum"""
    return format_date(_date(value), "EEE", locale=locale)


def short_month(value: date | datetime, locale: str = "id") -> str:
    """Des"""
    return format_date(_date(value), "LLL", locale=locale)


def typed(value: datetime, _locale: str = "id") -> str:
    """2026-12-11T19:05, as a field for date and time takes it, in WIB"""
    return clock.to_wib(value).strftime("%Y-%m-%dT%H:%M")


def hour(value: datetime, locale: str = "id") -> str:
    """19.05, in WIB"""
    return clock.to_wib(value).strftime("%H.%M" if locale == "id" else "%H:%M")


def moment(value: datetime, locale: str = "id") -> str:
    """Jumat, 11 Desember 2026, 19.05 WIB"""
    return f"{day(value, locale)}, {hour(value, locale)}{NO_BREAK}WIB"


def exact(value: datetime, locale: str = "id") -> str:
    """11 Des 2026, 19.05.07 WIB"""
    second = clock.to_wib(value).strftime("%H.%M.%S" if locale == "id" else "%H:%M:%S")
    return f"{short_day(value, locale)}, {second}{NO_BREAK}WIB"


def short_moment(value: datetime, locale: str = "id") -> str:
    """Jum, 11 Des 2026, 19.05 WIB"""
    return f"{short_weekday(value, locale)}, {short_day(value, locale)}, {hour(value, locale)}{NO_BREAK}WIB"


def number(value: int | float, locale: str = "id") -> str:
    """1.234 or 12,5"""
    return format_decimal(value, locale=locale)


def rupiah(value: int, locale: str = "id") -> str:
    """Rp15.000"""
    return f"Rp{format_decimal(value, locale=locale)}"


def _date(value: date | datetime) -> date:
    return clock.to_wib(value).date() if isinstance(value, datetime) else value
