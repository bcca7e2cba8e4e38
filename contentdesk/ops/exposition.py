"""The publishing engine for Prometheus: read from database and Redis when it is asked, so it holds for all processes.

Counters begin anew at midnight (WIB), which Prometheus takes for a restart: so each of them counts a day's rows, not
those of all years.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, time

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from contentdesk.channels import queries as channels
from contentdesk.channels import registry
from contentdesk.lib import clock
from contentdesk.lib.jobs import Bell
from contentdesk.ops import signs
from contentdesk.publishing import health, performance

TYPE = "text/plain; version=0.0.4; charset=utf-8"
MIDNIGHT = "Begins anew at midnight WIB."


def text(bell: Bell) -> bytes:
    """In a fixed number of queries."""
    page = CollectorRegistry()
    page.register(Engine(bell))
    return generate_latest(page)


class Engine(Collector):
    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    def collect(self) -> Iterator[Metric]:
        now = clock.now()
        yield from _deliveries(now)
        yield from _platforms(performance.totals(_midnight()))
        yield from _signs(signs.read(self._bell), now)

    def describe(self) -> Iterator[Metric]:
        """Asked at registering; the names are told with the figures."""
        return iter(())


def _midnight() -> datetime:
    return clock.from_wib(datetime.combine(clock.today(), time()))


def _gauge(name: str, about: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"contentdesk_{name}", about, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family


def _single(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"contentdesk_{name}", about, value=value)


def _deliveries(now: datetime) -> Iterator[Metric]:
    lates = health.late_by_reason(now)
    counts = {word: lates[word].count if word in lates else 0 for word in health.REASONS}
    ages = {word: (now - lates[word].oldest_due).total_seconds() if word in lates else 0.0 for word in health.REASONS}
    yield _gauge("deliveries", "Deliveries that have not ended, by state.", "state", health.open_by_state())
    yield _single("deliveries_due", "Deliveries whose time has come and that are not out.", health.due_count(None, now))
    yield _gauge(
        "deliveries_late", "Not out more than a minute after their time, by what keeps them.", "reason", counts
    )
    yield _gauge("deliveries_late_oldest_seconds", "How long the latest of them is late; 0: none.", "reason", ages)
    yield _single("accounts_stopped", "Accounts that a person has to connect again.", channels.stopped_count(now))


def _platforms(totals: Mapping[str, performance.Total]) -> Iterator[Metric]:
    """Of every platform there is, so that the first failure is a step and not a new line."""
    all_of_them = {kind: totals.get(kind, performance.Total()) for kind in registry.KINDS}
    for name, about in (
        ("published", "Deliveries that went out."),
        ("failed", "Deliveries that a platform refused for good."),
        ("expired", "Deliveries whose time was over before they could go out."),
    ):
        family = CounterMetricFamily(f"contentdesk_deliveries_{name}", f"{about} {MIDNIGHT}", labels=["platform"])
        for kind, total in all_of_them.items():
            family.add_metric([kind], getattr(total, name))
        yield family
    yield _lateness(all_of_them)


def _lateness(totals: Mapping[str, performance.Total]) -> Metric:
    about = f"How long after its time the irreversible call of what went out was made. {MIDNIGHT}"
    family = HistogramMetricFamily("contentdesk_delivery_lateness_seconds", about, labels=["platform"])
    for kind, total in totals.items():
        upto, steps = 0, []
        for end, count in zip((*map(float, performance.BUCKETS_S), float("inf")), total.buckets, strict=True):
            upto += count
            steps.append(("+Inf" if end == float("inf") else str(end), upto))
        family.add_metric([kind], steps, total.late_s)
    return family


def _signs(found: signs.Signs | None, now: datetime) -> Iterator[Metric]:
    yield _single("redis_up", "Whether Redis answers.", 1 if found else 0)
    if not found:
        return
    yield _gauge("queue_jobs", "Jobs that wait, by queue.", "queue", found.queues)
    whos = dict.fromkeys([*signs.EXPECTED, *(each.who for each in found.pulses)], 0)
    alive = whos | {who: sum(each.who == who and each.is_alive(now) for each in found.pulses) for who in whos}
    yield _gauge(
        "processes_alive", "Processes that gave a sign of life lately, by what they are for.", "process", alive
    )
    newest = {who: sign for who in whos if (sign := found.newest(who))}
    ages = {who: max(0.0, (now - sign.at).total_seconds()) for who, sign in newest.items()}
    yield _gauge("heartbeat_age_seconds", "Since the last sign of life, by what it is for.", "process", ages)
