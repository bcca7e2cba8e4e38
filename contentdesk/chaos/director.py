"""What goes wrong, and when: drawn from the seed before anything runs, carried out one after the other."""

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from math import ceil
from random import Random
from threading import Event, Thread
from time import monotonic

import psycopg
import redis

from contentdesk.chaos import processes
from contentdesk.chaos.asked import Asked
from contentdesk.chaos.outside import Outside
from contentdesk.chaos.places import IRREVERSIBLE, PLACES
from contentdesk.chaos.processes import Stage
from contentdesk.chaos.warp import Warp
from contentdesk.config import Config

log = logging.getLogger(__name__)
PAUSE = Event()
IN_FLIGHT_WITHIN_S = 5.0
BEHIND, BEHIND_S = 0.3, 4.0
"""So far may the service be behind its plan before the next blow is held back, and so long at most."""
NEARLY_ALL, LAST_S = 0.85, 60.0
SLOW_S = 1.5
KILLS = {"worker": 36, "beat": 16, "web": 12, "videos": 4, "queue": 18, "crew": 7, "whole_crew": 7}
"""Who is killed, by weight."""
IN_FLIGHT = 0.3
"""Of the kills: every worker, while a call that makes a post public waits for its answer. That moment is short."""
TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Cue:
    at_s: float
    name: str


class Director:
    def __init__(self, config: Config, stage: Stage, outside: Outside, warp: Warp, asked: Asked) -> None:
        self._config, self._stage, self._outside, self._warp, self._asked = config, stage, outside, warp, asked
        self._chance = Random(f"director {asked.seed}")  # noqa: S311 - repeatable, guards nothing
        self._queue = redis.Redis.from_url(config.redis_url)
        self.kills = 0
        self.done: Counter[str] = Counter()

    def disturb_platforms(self) -> None:
        """Faults that strike by chance, as long as the run lasts."""
        for number, fault in enumerate(self._faults(), start=1):
            self._outside.order(times=None, seed=self._asked.seed * 100 + number, **fault)
        for _ in range(int(self._asked.window_s // 60)):
            skip = self._chance.randrange(10, 200)  # longer than anybody waits for an answer
            self._outside.order(fault="slow", path_regex=IRREVERSIBLE, delay_s=32.0, skip=skip)

    def _faults(self) -> Iterator[dict[str, object]]:
        call = {"path_regex": IRREVERSIBLE}
        yield call | {"fault": "commit_then_drop", "probability": 0.03}
        yield call | {"fault": "commit_then_5xx", "http": 502, "probability": 0.03}
        yield call | {"fault": "drop_before", "probability": 0.02}
        yield call | {"fault": "5xx", "http": 503, "probability": 0.02}
        yield call | {"fault": "not_json", "http": 200, "after_commit": True, "probability": 0.005}
        yield call | {"fault": "slow", "delay_s": SLOW_S, "probability": 0.03}
        yield call | {"fault": "slow", "delay_s": SLOW_S, "after_commit": False, "probability": 0.01}
        for limit, code, http in (("meta", 4, 400), ("http", 429, 429)):
            busy = "|".join(place.call for place in PLACES.values() if place.limit == limit)
            yield {"fault": "error", "code": code, "http": http, "path_regex": busy, "probability": 0.01}
        yield {"fault": "5xx", "http": 500, "probability": 0.01}
        yield {"fault": "drop_before", "probability": 0.005}

    def cues(self) -> list[Cue]:
        kills, others = self._asked.kills, max(1, self._asked.kills // 7)
        in_flight = ceil(kills * IN_FLIGHT)
        names = ["in_flight"] * in_flight
        names += self._chance.choices(list(KILLS), list(KILLS.values()), k=kills - in_flight)
        names = [f"kill_{name}" for name in names]
        names += ["empty_queue", "forget_keys", "cut_database", "jump"] * others + ["jump_far"] * max(1, kills // 15)
        return sorted(
            (Cue(self._chance.uniform(0, self._asked.window_s), name) for name in names), key=lambda c: c.at_s
        )

    def play(self, begins: float, share_done: Callable[[], float], told: Callable[[str], None]) -> None:
        """`begins` by the platforms' clock. `share_done`: of the deliveries, whose call was made."""
        for cue in self.cues():
            self._until(begins + cue.at_s, cue.at_s / self._asked.window_s - BEHIND, BEHIND_S, share_done)
            self.done[cue.name] += 1
            told(f"{cue.at_s:6.1f} s  {cue.name}, {share_done():.0%} done")
            getattr(self, cue.name)()
        self._until(begins + self._asked.window_s, NEARLY_ALL, LAST_S, share_done)

    def _until(self, moment: float, share: float, at_most_s: float, share_done: Callable[[], float]) -> None:
        """The moment is waited for, and for a while those who are slow: faults want something to strike."""
        while self._warp.now() < moment:
            PAUSE.wait(min(0.5, max(0.01, moment - self._warp.now())))
            self._look_after()
        latest = monotonic() + at_most_s
        while share_done() < share and monotonic() < latest:
            PAUSE.wait(0.25)
            self._look_after()

    def _look_after(self) -> None:
        processes.bury()
        self._stage.keep_up()

    def calm(self) -> None:
        """Nothing goes wrong any more. The queue is emptied a last time, so that no old ring is waited for."""
        self._outside.clear()
        self._warp.jump(0.0)
        self._look_after()
        self.empty_queue()

    def kill_in_flight(self) -> None:
        fault = self._outside.order(
            fault="slow", path_regex=IRREVERSIBLE, delay_s=SLOW_S, after_commit=self._chance.random() < 0.8
        )
        for _ in range(int(IN_FLIGHT_WITHIN_S / 0.05)):
            if self._outside.has_struck(fault):
                break
            PAUSE.wait(0.05)
        workers = self._stage.children("worker")
        self._strike(workers + [below for pid in workers for below in processes.descendants(pid)])

    def kill_worker(self) -> None:
        self._kill_one("worker")

    def kill_beat(self) -> None:
        self._kill_one("beat")

    def kill_web(self) -> None:
        self._kill_one("web")

    def kill_videos(self) -> None:
        self._kill_one("videos")

    def _kill_one(self, part: str) -> None:
        found = self._stage.children(part)
        self._strike(processes.family([self._chance.choice(found)], self._chance) if found else [])

    def _strike(self, pids: list[int]) -> None:
        """Counts as one, and only when somebody was there; otherwise a worker's crew is struck instead."""
        if processes.strike(pids):
            self.kills += 1
        else:
            self.kill_whole_crew()

    def kill_queue(self) -> None:
        self._stage.queue.kill()
        self.kills += 1
        PAUSE.wait(self._chance.uniform(0, 1))
        self._stage.queue.start()

    def kill_crew(self) -> None:
        self._chance.choice(self._stage.crews).kill()
        self.kills += 1

    def kill_whole_crew(self) -> None:
        self._chance.choice(self._stage.crews).kill_whole()
        self.kills += 1

    def empty_queue(self) -> None:
        with suppress(redis.RedisError):
            self._queue.flushall()

    def forget_keys(self) -> None:
        """As a server that runs out of memory may do: each second key is gone."""
        with suppress(redis.RedisError):
            keys: list[bytes] = list(self._queue.scan_iter())
            if lost := [key for key in keys if self._chance.random() < 0.5]:
                self._queue.delete(*lost)

    def cut_database(self) -> None:
        """PostgreSQL: every connection is ended, people's too. SQLite: somebody else writes, for seconds."""
        url = self._config.database_url
        if url.startswith("sqlite"):
            Thread(target=self._hold, args=(url.removeprefix("sqlite:///"), self._chance.uniform(1, 4))).start()
            return
        with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as line:
            line.execute(TERMINATE)

    @staticmethod
    def _hold(path: str, seconds: float) -> None:
        with closing(sqlite3.connect(path, timeout=15, isolation_level=None)) as line:
            line.execute("BEGIN IMMEDIATE")
            PAUSE.wait(seconds)
            line.execute("ROLLBACK")

    def jump(self) -> None:
        self._warp.jump(self._chance.choice([-1, 1]) * self._chance.uniform(1, 30))

    def jump_far(self) -> None:
        """Minutes, for a moment: long enough for everybody to see it."""
        self._warp.jump(self._chance.choice([-1, 1]) * self._chance.uniform(60, 240))
        PAUSE.wait(2.5)
        self._warp.jump(0.0)
