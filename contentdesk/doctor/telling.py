"""The findings as a table for people and as JSON for machines."""

import json
import textwrap
from collections.abc import Iterator

from contentdesk.doctor.examine import Result, counted, here, worst
from contentdesk.doctor.findings import Finding, Grade
from contentdesk.lib import clock, words

WORDS = {Grade.OK: "baik", Grade.WARNING: "awas", Grade.WRONG: "SALAH", Grade.SKIPPED: "-"}
COUNTED = WORDS | {Grade.SKIPPED: "tidak diperiksa", Grade.WRONG: "salah"}
FIRST, SECOND, WIDTH = 7, 24, 100
LAST = {
    Grade.WRONG: "Ada yang salah. Mulai dari baris SALAH yang paling atas: yang di bawahnya sering ikut beres.",
    Grade.WARNING: "Layanan berjalan. Yang bertanda awas perlu dilihat, tetapi tidak menghentikan apa pun.",
    Grade.SKIPPED: "Tidak semuanya dapat diperiksa.",
    Grade.OK: "Semua baik.",
}


def as_table(results: list[Result]) -> str:
    lines = [f"contentdesk doctor di {here()}, {words.moment(clock.now(), 'id')}", ""]
    for result in results:
        for finding in result.findings:
            lines += _rows(result.check.title, finding)
    counts = ", ".join(f"{number} {COUNTED[grade]}" for grade, number in counted(results))
    return "\n".join([*lines, "", f"{LAST[worst(results)]} ({counts})"])


def _rows(title: str, finding: Finding) -> Iterator[str]:
    yield from _wrapped(f"{WORDS[finding.grade]:<{FIRST}}{title:<{SECOND}}", finding.what)
    for word, sentence in (("Artinya: ", finding.means), ("Lakukan: ", finding.do)):
        if sentence:
            yield from _wrapped(" " * (FIRST + SECOND), word + sentence)


def _wrapped(start: str, sentence: str) -> list[str]:
    return textwrap.wrap(
        sentence,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * (FIRST + SECOND),
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_json(results: list[Result]) -> str:
    rows = [
        {
            "check": result.check.name,
            "grade": finding.grade,
            "what": finding.what,
            "means": finding.means,
            "do": finding.do,
        }
        for result in results
        for finding in result.findings
    ]
    told = {"host": here(), "at": clock.now().isoformat(timespec="seconds"), "grade": worst(results), "findings": rows}
    return json.dumps(told, ensure_ascii=False, indent=1)
