"""A platform that does not answer is left alone, and tried by one at a time until it does.

pybreaker was looked at: its state can lie in Redis, but each process would let its own caller try, and at fixed times.
"""

import random
import time
from dataclasses import dataclass

import redis
from redis.typing import EncodableT

from workers.gates import PREFIX, key

NEEDED = 5
"""So many different posts (or accounts asked for figures) without any answer, and no good one between."""
GAP_S = 300
"""Failures further apart have nothing to do with each other."""
FIRST_S, LONGEST_S = 15.0, 300.0
AFTER_RELAPSE = 3
"""Steps of waiting that are left out when it breaks down again soon after it seemed well."""
QUIET_S = 600
"""So soon after the end of an outage nobody is told of the next one."""
KEPT_S = 2 * 24 * 3600
NEWS = f"{PREFIX}:news"

FAILED = """
if redis.call('exists', KEYS[2]) == 1 then return 0 end
local said = redis.call('get', KEYS[1]) or ''
local me, mine, count, accounts, known = ARGV[1] .. '/' .. ARGV[2], false, 0, 0, {}
local function add(one)
  local account = one:match('^[^/]+')
  count = count + 1
  if not known[account] then known[account] = true; accounts = accounts + 1 end
end
for one in said:gmatch('%S+') do add(one); mine = mine or one == me end
if not mine and (count < tonumber(ARGV[3]) or not known[ARGV[1]]) then add(me); said = said .. ' ' .. me end
if count < tonumber(ARGV[3]) or accounts < tonumber(ARGV[4]) then
  redis.call('set', KEYS[1], said, 'EX', ARGV[5])
  return 0
end
local tries = 0
if redis.call('exists', KEYS[3]) == 1 then tries = tonumber(ARGV[9]) end
local next = tonumber(ARGV[6]) + tonumber(ARGV[7]) * 2 ^ tries
redis.call('set', KEYS[2], string.format('%s|%.3f|%d', ARGV[6], next, tries), 'EX', ARGV[8])
redis.call('del', KEYS[1])
redis.call('rpush', KEYS[4], 'down|' .. ARGV[10])
return 1
"""
PROBE = """
local state = redis.call('get', KEYS[1])
if not state then return 1 end
local since, next, tries = state:match('([^|]+)|([^|]+)|([^|]+)')
if tonumber(ARGV[1]) < tonumber(next) then return 0 end
local wait = math.min(tonumber(ARGV[3]), tonumber(ARGV[2]) * 2 ^ (tries + 1)) * tonumber(ARGV[4])
redis.call('set', KEYS[1], string.format('%s|%.3f|%d', since, ARGV[1] + wait, tries + 1), 'EX', ARGV[5])
return 1
"""
WELL = """
redis.call('del', KEYS[1])
if redis.call('del', KEYS[2]) == 0 then return 0 end
redis.call('set', KEYS[3], '1', 'EX', ARGV[1])
redis.call('rpush', KEYS[4], 'well|' .. ARGV[2])
return 1
"""


@dataclass(frozen=True)
class News:
    place: str
    is_down: bool


class Breakers:
    """One for each place: a platform, a server, an account."""

    def __init__(self, connection: redis.Redis) -> None:
        self._redis = connection
        self._failed = connection.register_script(FAILED)
        self._probe = connection.register_script(PROBE)
        self._well = connection.register_script(WELL)

    def failed(self, place: str, account_id: str, asker: str, accounts: int) -> bool:
        """True: with this one it counts as down. `accounts`: so many different ones must have failed."""
        numbers = (NEEDED, accounts, GAP_S, f"{time.time():.3f}", FIRST_S, KEPT_S, AFTER_RELAPSE)
        asked: list[EncodableT] = [account_id, asker, *numbers, place]
        return bool(self._failed(_keys(place), asked))

    def may_probe(self, place: str) -> bool:
        """Whether this caller is the one who tries; the next one may after a while, twice as long each time."""
        spread = random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
        asked: list[EncodableT] = [f"{time.time():.3f}", FIRST_S, LONGEST_S, f"{spread:.3f}", KEPT_S]
        return bool(self._probe([key("down", place)], asked))

    def give_back(self, place: str) -> None:
        """Who was to try had nothing to ask: the next one may at once."""
        state = self._redis.get(key("down", place))
        if isinstance(state, bytes):
            since, _next, tries = state.decode().split("|")
            self._redis.set(key("down", place), f"{since}|0|{tries}", ex=KEPT_S)

    def well(self, place: str) -> bool:
        """It answers. True: it had counted as down."""
        return bool(self._well(_keys(place), [QUIET_S, place]))

    def forget(self, place: str) -> None:
        """A good answer: the failures before it were none of the platform's."""
        self._redis.delete(key("fails", place))

    def is_down(self, place: str) -> bool:
        return bool(self._redis.exists(key("down", place)))

    def was_well_just_now(self, place: str) -> bool:
        return bool(self._redis.exists(key("quiet", place)))

    def news(self) -> list[News]:
        """What nobody has heard of yet. Each piece is given out once."""
        pieces = self._redis.lpop(NEWS, 100)
        found = pieces if isinstance(pieces, list) else []
        words = [(piece.decode() if isinstance(piece, bytes) else str(piece)).partition("|") for piece in found]
        return [News(place, what == "down") for what, _, place in words]

    def keep_for_later(self, news: News) -> None:
        self._redis.rpush(NEWS, f"{'down' if news.is_down else 'well'}|{news.place}")

    def mark_told(self, place: str) -> None:
        self._redis.set(key("told", place), "1", ex=KEPT_S)

    def take_told(self, place: str) -> bool:
        """Whether people were told that it is down; then they hear of the end, too."""
        return bool(self._redis.delete(key("told", place)))


def _keys(place: str) -> list[str]:
    return [key("fails", place), key("down", place), key("quiet", place), NEWS]
