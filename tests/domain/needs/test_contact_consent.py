"""Consent to pass the contact to a volunteer, by the resident or recorded by staff."""

import pytest

from server.domain.needs import contact_consent, timeline, triage
from server.errors import InvalidNeedState, NotFound, ResidentMustConsent
from server.models import Need, Person, Task, TaskStatus
from tests import steps
from tests.conftest import NOW
from tests.factories import tasks


async def test_need_can_be_published_after_resident_consents(city):
    need = await tasks.need(city, may_share_contact=False)

    await contact_consent.set_by_resident(need.id, allowed=True, by=city.grandma.id, now=NOW)

    assert (await tasks.published(city, need)).status == TaskStatus.PUBLISHED


async def test_withdrawn_consent_cancels_task_that_has_not_begun(city):
    claimed = await tasks.claimed(city)

    await contact_consent.set_by_resident(claimed.need_id, allowed=False, by=city.grandma.id, now=NOW)

    assert (await Task.get(id=claimed.id)).status == TaskStatus.CANCELLED
    assert not (await Need.get(id=claimed.need_id)).may_share_contact


async def test_other_people_cannot_consent_for_the_resident(city):
    need = await tasks.need(city, may_share_contact=False)

    with pytest.raises(NotFound):
        await contact_consent.set_by_resident(need.id, allowed=True, by=city.staff["陈社工"].person_id, now=NOW)
    with pytest.raises(ResidentMustConsent):
        await contact_consent.record_by_staff(need.id, how="电话", by=city.staff["陈社工"], now=NOW)
    assert not (await Need.get(id=need.id)).may_share_contact


async def test_staff_record_consent_of_resident_without_wechat(city):
    need = await tasks.need(city, may_share_contact=False)
    await Person.filter(id=city.grandma.id).update(openid=None)

    await contact_consent.record_by_staff(need.id, how="电话征得同意", by=city.staff["陈社工"], now=NOW)

    line = (await timeline.list_entries(need, for_staff=False))[-1]
    assert line.text == "已征得您本人同意在站点确认后，把联系方式告诉志愿者。"
    assert (line.note, (await Need.get(id=need.id)).may_share_contact) == ("电话征得同意", True)


async def test_consent_is_refused_after_need_is_resolved(city):
    need = await steps.start_need(city, await city.need(), NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=0, by=city.staff["陈社工"], now=NOW)

    for sharing_it in (
        contact_consent.set_by_resident(need.id, allowed=True, by=city.grandma.id, now=NOW),
        contact_consent.record_by_staff(need.id, how="电话", by=city.staff["陈社工"], now=NOW),
    ):
        with pytest.raises(InvalidNeedState):
            await sharing_it
