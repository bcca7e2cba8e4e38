"""Photos of the demo as rows: one asset for each KIM that uses a drawing, cut for channels only once."""

from dataclasses import asdict

from contentdesk.channels import registry
from contentdesk.lib import ids
from contentdesk.lib.db import db
from contentdesk.lib.files import FileStore
from contentdesk.media.crops import MIDDLE
from contentdesk.media.models import Asset, Rendition
from contentdesk.media.services import Stored, render_for
from contentdesk.users.models import User


class Props:
    def __init__(self, stored: dict[str, Stored], files: FileStore) -> None:
        self._stored, self._files = stored, files
        self._assets: dict[tuple[str, str], Asset] = {}
        self._cut: dict[tuple[str, str], Rendition] = {}

    def asset(self, picture: str, owner: User) -> Asset:
        """The drawing in the owner's KIM; kept as a row at the first use."""
        assert owner.kim_id is not None
        key = (picture, owner.kim_id)
        if key not in self._assets:
            kept = asdict(self._stored[picture])
            self._assets[key] = Asset(id=ids.new(), kim_id=owner.kim_id, uploaded_by=owner.id, **kept)
            db.session.add(self._assets[key])
        return self._assets[key]

    def cut(self, asset: Asset, kind: str) -> Rendition:
        """The same bytes for every KIM's copy of a drawing."""
        key = (asset.sha256, kind)
        if key not in self._cut:
            db.session.flush()
            self._cut[key] = render_for(asset, registry.get(kind).formats[0].rules.photo, MIDDLE, self._files)
        return self._cut[key]
