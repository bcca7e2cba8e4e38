"""Connecting an Instagram account, in the two ways there are.

Signed in with Instagram, an account has a token of 60 days, renewed while it is alive, for `HOST`. An account that is
linked to a page comes with the sign-in on Facebook: the page's token, which does not end, for `FACEBOOK_HOST`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from contentdesk.channels.base import Login, NotAllowed
from contentdesk.channels.kinds.meta_graph import VERSION
from contentdesk.channels.kinds.meta_user_login import UserLogin
from contentdesk.channels.kinds.oauth import OAuth
from contentdesk.lib.i18n import N_

KIND = "instagram"
NAME = "Instagram"
HOST = "graph.instagram.com"
FACEBOOK_HOST = "graph.facebook.com"
THROUGH_FACEBOOK: Mapping[str, str] = MappingProxyType({"host": FACEBOOK_HOST})
"""`Login.details` of an account that came with a page."""

AUTHORIZE = "https://www.instagram.com/oauth/authorize"
CODE_FOR_TOKEN = "https://api.instagram.com/oauth/access_token"  # noqa: S105 - an address
PUBLISH_SCOPE = "instagram_business_content_publish"
COMMENT_SCOPE = "instagram_business_manage_comments"
COMMENT_SCOPES = frozenset({COMMENT_SCOPE, "instagram_manage_comments"})
"""The same right in the two ways to sign in."""
SCOPES = (
    "instagram_business_basic",
    PUBLISH_SCOPE,
    COMMENT_SCOPE,
    "instagram_business_manage_insights",
)
SCOPE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "instagram_business_basic": N_("melihat akun Instagram"),
        PUBLISH_SCOPE: N_("menerbitkan di Instagram"),
        COMMENT_SCOPE: N_("mengelola komentar Instagram"),
        "instagram_business_manage_insights": N_("membaca angka Instagram"),
    }
)
NO_PERMISSION = N_(
    "%(platform)s menolak karena izin untuk akun %(handle)s kurang. Yang diperlukan: melihat akun dan menerbitkan. "
    "Periksa peran Anda di sana, lalu sambungkan lagi. Bila tetap begitu, minta admin memeriksa izin aplikasi kota."
)
SIGN_IN = UserLogin(
    OAuth(NAME, AUTHORIZE, CODE_FOR_TOKEN, SCOPES, separator=",", pkce=False, names=SCOPE_NAMES),
    graph=f"https://{HOST}",
    version=VERSION,
    prefix="ig",
    # `id` is another number, which no other call takes.
    id_field="user_id",
    must_have=PUBLISH_SCOPE,
)
NO_COMMENTS = N_(
    "Izin mengelola komentar belum diberikan untuk akun %(handle)s. Unggahan tetap terbit. "
    "Untuk komentar pertama, sambungkan akun lagi dan setujui semua izin."
)


def host_of(login: Login) -> str:
    """Where this account is spoken for."""
    return FACEBOOK_HOST if login.details.get("host") == FACEBOOK_HOST else HOST


def is_through_page(login: Login) -> bool:
    """Its token is a page's: `me` is the page."""
    return host_of(login) == FACEBOOK_HOST


def must_comment(login: Login) -> None:
    """Raises NotAllowed where it is known that the right is missing. No scopes: the platform did not say."""
    if login.scopes and not COMMENT_SCOPES & set(login.scopes):
        raise NotAllowed(NO_COMMENTS, code="scope", handle=login.handle)
