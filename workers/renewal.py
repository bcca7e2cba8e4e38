"""Renewing tokens before they end, one account at a time, so that one failure stops no other."""

from contentdesk.channels import queries, services, sign_in
from contentdesk.channels.base import ChannelError, LoginExpired
from contentdesk.channels.models import Account
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import Desk


def renew_due(at: Desk) -> list[Account]:
    """For a worker, outside a transaction. Returns the accounts that a person has to connect again.

    Whatever else a platform answers is asked again at the next round: there are ten days for it.
    """
    lost = [renew_one(account_id, at) for account_id in queries.due_for_renewal()]
    return [account for account in lost if account is not None]


def renew_one(account_id: str, at: Desk) -> Account | None:
    """The account if its connection turned out to be lost."""
    account = queries.get_account(account_id)
    seen = account.connected_at
    try:
        login = services.fresh_login(account, at.box, at.http, sign_in.registered(at.config, account.kind))
    except LoginExpired as error:
        with transaction():
            account = queries.get_account(account_id)
            return account if services.renewal_failed(account, error.sentence, seen) else None
    except ChannelError:
        return None
    with transaction():
        services.keep_renewed(queries.get_account(account_id), login, seen, at.box)
    return None
