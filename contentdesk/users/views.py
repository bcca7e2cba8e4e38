"""The views of this feature, in one place for the app."""

from contentdesk.users import accept_views, account_views, people_views, sign_in_views
from contentdesk.users.blueprint import blueprint

VIEWS = (accept_views, account_views, people_views, sign_in_views)

__all__ = ["VIEWS", "blueprint"]
