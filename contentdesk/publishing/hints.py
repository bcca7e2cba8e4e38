"""Advice about a time. It warns and never blocks."""

from datetime import datetime, time

from contentdesk.lib import clock
from contentdesk.lib.i18n import N_
from contentdesk.posts import planning
from contentdesk.posts.models import Revision
from contentdesk.publishing.calendar import holidays
from contentdesk.umkm.models import Category

EARLY, LATE = time(5, 0), time(22, 0)


def time_hints(moment: datetime, *, about_food: bool = False) -> list[str]:
    """Sentences of the catalogue about a moment, in WIB. Conventions, not measurements."""
    local = clock.to_wib(moment)
    found = [sentence for _code, sentence in planning.warnings(moment, about_food)]
    if not EARLY <= local.time() <= LATE:
        found.append(N_("Malam hari, sedikit yang melihat. Tetap boleh dijadwalkan."))
    if local.date() in holidays():
        found.append(N_("Hari itu hari libur. Tetap boleh dijadwalkan."))
    return found


def is_about_food(revision: Revision) -> bool:
    return any(business.category == Category.FOOD for business in revision.businesses)
