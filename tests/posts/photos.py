"""Photos that really lie in the store, so that renditions can be cut from them."""

from io import BytesIO

from PIL import Image

from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.media.models import Asset
from contentdesk.media.services import take_upload
from contentdesk.users.models import User


def jpeg(width: int = 900, height: int = 700, color: str = "#a66a2c") -> bytes:
    picture = Image.new("RGB", (width, height), color)
    picture.paste("#f2c14e", (width // 4, height // 4, width // 2, height // 2))
    out = BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def photo(user: User, width: int = 900, height: int = 700, color: str = "#a66a2c") -> Asset:
    with transaction():
        return take_upload(user, user.kim_id, jpeg(width, height, color), desk().files)
