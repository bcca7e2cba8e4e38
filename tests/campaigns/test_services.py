"""Who makes, changes and ends campaigns, and how each stands on a day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.audit.models import AuditEntry
from contentdesk.campaigns import queries, services
from contentdesk.campaigns.models import Campaign
from contentdesk.campaigns.queries import Standing
from contentdesk.campaigns.services import CampaignFacts
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict, DomainError, NotPermitted
from contentdesk.users.models import User
from tests.factories import Factory

DAY = timedelta(days=1)


def facts(**values: object) -> CampaignFacts:
    today = clock.today()
    usual = CampaignFacts("Belanja di Kampung", "Satu usaha tiap kelurahan.", today, today + 20 * DAY, "#Belanja")
    return replace(usual, **values)  # type: ignore[arg-type]  # each test names fields with their types


def made(actor: User, written: CampaignFacts | None = None) -> Campaign:
    with transaction():
        campaign_id = services.create_campaign(actor, written or facts()).id
    return queries.get_campaign(campaign_id)


@pytest.mark.parametrize(
    ("first", "last", "standing"),
    [(-5, 5, Standing.RUNNING), (0, 0, Standing.RUNNING), (1, 5, Standing.COMING), (-5, -1, Standing.ENDED)],
)
def test_both_days_belong_to_it(make: Factory, first: int, last: int, standing: Standing) -> None:
    today = clock.today()
    campaign = make.campaign(first_day=today + first * DAY, last_day=today + last * DAY)
    assert queries.standing(campaign) == standing
    assert (campaign.id in {one.id for one in queries.open_campaigns()}) is (standing != Standing.ENDED)
    assert (campaign.id in {one.id for one in queries.over(1).rows}) is (standing == Standing.ENDED)


def test_reviewers_and_admins_keep_campaigns_and_it_stands_in_the_log(make: Factory) -> None:
    reviewer, admin = make.user(Role.REVIEWER), make.user(Role.ADMIN)
    campaign = made(reviewer)
    with transaction():
        services.change_campaign(admin, queries.get_campaign(campaign.id), facts(name="Belanja Dekat Rumah"))
        services.end_campaign(admin, queries.get_campaign(campaign.id))
        services.end_campaign(admin, queries.get_campaign(campaign.id))
    assert queries.standing(queries.get_campaign(campaign.id)) == Standing.ENDED
    with transaction():
        services.reopen_campaign(reviewer, queries.get_campaign(campaign.id))
    assert queries.standing(queries.get_campaign(campaign.id)) == Standing.RUNNING
    acts = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == campaign.id)).all()
    assert acts == ["campaign.create", "campaign.change", "campaign.end", "campaign.reopen"]


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CHAIR, Role.JUDGE])
def test_others_keep_none(make: Factory, role: str) -> None:
    person, campaign = make.user(role), make.campaign()
    acts = (
        lambda: services.create_campaign(person, facts()),
        lambda: services.change_campaign(person, campaign, facts()),
        lambda: services.end_campaign(person, campaign),
        lambda: services.reopen_campaign(person, campaign),
    )
    for act in acts:
        with pytest.raises(NotPermitted), transaction():
            act()


def test_a_form_sent_twice_makes_one_and_the_name_is_taken_for_others(make: Factory) -> None:
    reviewer, other = make.user(Role.REVIEWER), make.user(Role.REVIEWER)
    assert made(reviewer).id == made(reviewer).id
    for actor, written in (
        (other, facts()),
        (reviewer, facts(about="Lain.")),
        (other, facts(name="BELANJA DI KAMPUNG")),
    ):
        with pytest.raises(DomainError, match="Sudah ada kampanye"):
            made(actor, written)


def test_the_name_of_one_that_is_over_is_free_again(make: Factory) -> None:
    reviewer = make.user(Role.REVIEWER)
    first = made(reviewer)
    with transaction():
        services.end_campaign(reviewer, queries.get_campaign(first.id))
    assert made(reviewer).id != first.id


def test_a_campaign_ends_on_or_after_its_first_day(make: Factory) -> None:
    with pytest.raises(DomainError, match="sebelum hari pertama"):
        made(make.user(Role.REVIEWER), facts(last_day=date(2020, 1, 1)))


def test_one_whose_last_day_is_over_is_not_reopened_by_itself(make: Factory) -> None:
    campaign = make.campaign(last_day=clock.today() - DAY, ended_at=clock.now())
    with pytest.raises(Conflict), transaction():
        services.reopen_campaign(make.user(Role.ADMIN), campaign)
