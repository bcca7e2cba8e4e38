"""Good and awkward times for a post. Custom and a little evidence: hints, never a rule."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from contentdesk.lib import clock
from contentdesk.lib.i18n import N_

_DATA: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "prime_time.json").read_text("utf-8"))
RAMADAN = ((datetime(2027, 2, 8, 17, tzinfo=UTC), datetime(2027, 3, 9, 17, tzinfo=UTC)),)
"""From the evening before the first day. Dates may move by a day (sidang isbat)."""
FRIDAY = 4
LEAD = timedelta(hours=2)
"""Less is too short for a review."""
LATEST = timedelta(days=180)
"""Farther ahead nobody knows whether price and hours still hold."""


def busy_for() -> timedelta:
    """How long the best window of a day lasts."""
    best = max(_DATA["hari_biasa"], key=lambda window: float(window["bobot"]))
    start, end = _time(best["mulai"]), _time(best["selesai"])
    return timedelta(hours=end.hour - start.hour, minutes=end.minute - start.minute)


def suggestions(count: int = 3) -> list[datetime]:
    """The next times at which most people look: the best windows of the coming days."""
    best = max(_DATA["hari_biasa"], key=lambda window: float(window["bobot"]))
    start = _time(best["mulai"])
    days = (clock.to_wib(clock.now()).date() + timedelta(days=ahead) for ahead in range(count + 1))
    times = (clock.from_wib(datetime.combine(day, start)) for day in days)
    return [moment for moment in times if moment >= clock.now() + LEAD][:count]


def busy_hours() -> str:
    """19.00-21.00"""
    best = max(_DATA["hari_biasa"], key=lambda window: float(window["bobot"]))
    return f"{best['mulai']}-{best['selesai']}".replace(":", ".")


def warnings(moment: datetime, about_food: bool) -> Iterator[tuple[str, str]]:
    """(code, sentence) for what a time falls together with."""
    local = clock.to_wib(moment)
    if any(_within(local, entry["hindari"]) for entry in _DATA["setiap_hari"]):
        yield "time_maghrib", N_("Bertepatan dengan Magrib. Tetap boleh dijadwalkan.")
    if local.weekday() == FRIDAY and any(_within(local, entry["hindari"]) for entry in _DATA["jumat"]):
        yield "time_friday", N_("Bertepatan dengan salat Jumat. Tetap boleh dijadwalkan.")
    fasting = [entry["hindari_pangan"] for entry in _DATA["ramadan"] if "hindari_pangan" in entry]
    if about_food and _in_ramadan(moment) and any(_within(local, window) for window in fasting):
        yield "time_fasting", N_("Unggahan makanan pada jam puasa. Tetap boleh dijadwalkan.")


def _in_ramadan(moment: datetime) -> bool:
    return any(start <= moment < end for start, end in RAMADAN)


def _within(local: datetime, window: list[str]) -> bool:
    return _time(window[0]) <= local.time() < _time(window[1])


def _time(text: str) -> time:
    return time.fromisoformat(text)
