"""Imports every feature's tables, so that the mapper and Alembic know them all."""

from contentdesk.audit import models as audit
from contentdesk.campaigns import models as campaigns
from contentdesk.channels import models as channels
from contentdesk.comments import models as comments
from contentdesk.kim import models as kim
from contentdesk.lib.db import db
from contentdesk.media import models as media
from contentdesk.metrics import models as metrics
from contentdesk.notices import models as notices
from contentdesk.posts import models as posts
from contentdesk.publishing import models as publishing
from contentdesk.regions import models as regions
from contentdesk.reviews import models as reviews
from contentdesk.umkm import models as umkm
from contentdesk.users import models as users

FEATURES = (
    audit,
    campaigns,
    channels,
    comments,
    kim,
    media,
    metrics,
    notices,
    posts,
    publishing,
    regions,
    reviews,
    umkm,
    users,
)

metadata = db.metadata
