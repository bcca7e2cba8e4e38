"""Reports over HTTP: a page, a CSV, a workbook. All three show the same figures."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission
from contentdesk.channels import registry
from contentdesk.lib import clock, ids, words
from contentdesk.lib.desk import desk
from contentdesk.lib.i18n import N_
from contentdesk.reports import asked, export, page, queries
from contentdesk.reports.asked import Asked
from contentdesk.reports.kinds import reach, reach_tables
from contentdesk.reports.kinds.reach import ReachReport, Standing
from contentdesk.reports.periods import months_back
from contentdesk.reports.table import Table

blueprint = Blueprint("reports", __name__)
MONTHS = 12
TOP = 12
HEADS = (
    ("kelurahan", N_("Kelurahan"), ""),
    ("kecamatan", N_("Kecamatan"), "wide-only no-print"),
    ("unggahan", N_("Unggahan"), "num wide-only"),
    ("jangkauan", N_("Jangkauan"), "num"),
    ("tayangan", N_("Tayangan"), "num wide-only no-print"),
    ("interaksi", N_("Interaksi"), "num wide-only no-print"),
    ("tren", N_("Tren"), "num no-print"),
)


def _asked() -> tuple[Asked, list[tuple[str, str]]]:
    city = desk().config.city
    choices = queries.kecamatan_choices(city)
    return asked.read(request.args, city, {code for code, _ in choices}), choices


def _report(question: Asked) -> ReachReport:
    return reach.build(current_user, question.scope, question.period)


@blueprint.get("/laporan/jangkauan", endpoint="reach")
@needs(Permission.REPORT_READ)
def reach_page() -> str:
    question, kecamatan = _asked()
    report = _report(question)
    places = reach_tables.ordered(report.places, question.order, question.descending)
    by_reach = reach_tables.ordered(report.places, "jangkauan", descending=True)
    return render_template(
        "reports/reach.html",
        report=report,
        question=question,
        places=places,
        picks=by_reach,
        top=by_reach[:TOP],
        ranks=reach_tables.ranks(report.places),
        maps=page.maps(report),
        weekly=page.weekly(report),
        notes=[page.say(note) for note in reach_tables.notes(report)],
        period=page.period_words(question.period),
        trend=page.trend_words(report),
        map_finding=page.map_finding(report),
        standing_words=page.standing_words,
        counts={standing.value: report.count(standing) for standing in Standing},
        heads=HEADS,
        months=_months(question),
        channels=registry.choices(),
        kecamatan=kecamatan,
        problem=gettext(question.problem.message) if question.problem else None,
        sources=_population_sources(report),
        check=check_code(report),
    )


def _population_sources(report: ReachReport) -> list[tuple[int, str]]:
    """Year and source of the population figures, each once."""
    found = {(one.population_year, one.population_source) for one in report.kecamatan if one.per_1000 is not None}
    return sorted((year, source) for year, source in found if year and source)


def _months(question: Asked) -> list[tuple[str, str]]:
    """The last twelve, and the one that is shown."""
    days = months_back(clock.today(), MONTHS)
    if question.period.is_month and question.period.first not in days:
        days.append(question.period.first)
    return [(f"{day:%Y-%m}", words.month(day, page.locale())) for day in days]


def check_code(report: ReachReport) -> str:
    """Stands on the paper: the same figures give the same code."""
    found = ids.digest(repr([(place.code, place.sums) for place in report.places]))
    return f"{found[:4]}-{found[4:8]}".upper()


@blueprint.get("/laporan/jangkauan.csv")
@needs(Permission.REPORT_READ)
def reach_csv() -> Response:
    question, _ = _asked()
    report = _report(question)
    tables = [
        (N_("kelurahan"), _places_table(report, question)),
        (N_("kecamatan"), reach_tables.kecamatan_table(report)),
    ]
    if question.scope.kecamatan is None:
        tables.append((N_("kota"), reach_tables.city_table(report)))
    return _file(export.to_csv(tables, page.say), export.CSV_TYPE, question, "csv")


@blueprint.get("/laporan/jangkauan.xlsx")
@needs(Permission.REPORT_READ)
def reach_xlsx() -> Response:
    question, _ = _asked()
    report = _report(question)
    title = gettext("Jangkauan per kelurahan")
    title = f"{title}, {page.period_words(question.period)}"
    tables = [_places_table(report, question), reach_tables.kecamatan_table(report)]
    body = export.to_xlsx(tables, tables[0].notes, title, page.say)
    return _file(body, export.XLSX_TYPE, question, "xlsx")


def _places_table(report: ReachReport, question: Asked) -> Table:
    """In the order of the page."""
    return reach_tables.places_table(report, reach_tables.ordered(report.places, question.order, question.descending))


def _file(body: bytes, kind: str, question: Asked, suffix: str) -> Response:
    span = f"{question.period.first:%Y-%m}"
    if not question.period.is_month:
        span = f"{question.period.first.isoformat()}-{question.period.last.isoformat()}"
    name = f"jangkauan-{span}.{suffix}"
    return Response(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
