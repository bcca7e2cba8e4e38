"""Who asks platforms to ring for an account, and where they are to ring. Best effort, outside any transaction."""

from contentdesk.channels import queries, registry, ringing, sign_in
from contentdesk.channels.base import AppKeys, ChannelError
from contentdesk.channels.models import Account
from contentdesk.channels.services import login_of
from contentdesk.lib.db import db
from contentdesk.lib.desk import Desk

QUEUE, JOB = "metrics", "workers.subscriptions.ask"


def doors(at: Desk) -> list[str]:
    """Those whose app is registered here. Accounts of others would stand first in the line for ever."""
    return [kind for kind in registry.KINDS if _app(kind, at)]


def app_of(account: Account, at: Desk) -> AppKeys | None:
    """None: no platform could ring here, or there is no secret to know its rings by."""
    return _app(account.via or account.kind, at)


def _app(door: str, at: Desk) -> AppKeys | None:
    reachable = at.config.is_https or at.config.platform_base_url
    return sign_in.registered(at.config, door) if reachable else None


def callback_of(account: Account, at: Desk) -> str:
    return f"{at.config.public_url}{ringing.BELL}{account.via or account.kind}"


def take_back(account_id: str, at: Desk) -> None:
    """Before an account is closed, while its token is there. A platform that goes on ringing rings for nothing."""
    account = queries.get_account(account_id)
    channel, app, row = ringing.channel_of(account), app_of(account, at), ringing.of(account)
    if channel is None or app is None or row is None or row.since is None:
        return
    login, callback = login_of(account, at.box), callback_of(account, at)
    db.session.rollback()
    try:
        channel.unsubscribe(at.http, app, login, callback)
    except ChannelError:
        return
