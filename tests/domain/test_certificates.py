"""Certificates: a volunteer's service up to a day, and whether it is still valid."""

import asyncio
from datetime import timedelta

import pytest

from server.domain import certificates
from server.domain.certificates import CODE_LENGTH, Validity
from server.domain.slip_codes import SLIP_LETTERS
from server.errors import CertificateRevoked, InvalidVolunteerState, NameRequired, NoApprovedService, NotFound
from server.models import AuditEntry, Certificate, Person, Policy, Volunteer, VolunteerStatus
from tests.factories import records
from tests.factories.records import HERE, LATER, THEN, approve, record, reverse

S = VolunteerStatus


@pytest.fixture
async def li(city):
    return await records.volunteer(city)


async def served(city, li, *, minutes=60, days_ago=0, now=LATER):
    one = await record(city, li, began=THEN - timedelta(days=days_ago), minutes=minutes)
    return await approve(city, one, now=now)


async def issue(li, now=LATER):
    return await certificates.issue(li.id, now=now)


async def test_certificate_states_approved_service_from_first_to_last_day(city, li):
    await served(city, li, minutes=95)
    await served(city, li, minutes=30, days_ago=3)
    await record(city, li, began=THEN - timedelta(days=9))  # not approved yet

    made = await issue(li)

    assert (made.name, made.served_minutes, made.records, made.stars) == ("李志强", 125, 2, 0)
    last = THEN.date()
    assert (made.first_day, made.last_day) == (last - timedelta(days=3), last)
    assert (made.station.name, made.issued_at, made.revoked_at) == (HERE, LATER, None)
    assert await AuditEntry.filter(action="certificate.issued", person_id=li.id).count() == 1


async def test_days_are_those_of_shanghai(city, li):
    # From 23:30 to 00:30 there, which is a single day in UTC.
    began = THEN.replace(hour=15, minute=30)
    await approve(city, await record(city, li, began=began, minutes=60))

    made = await issue(li)

    assert (made.first_day, made.last_day) == (began.date(), began.date() + timedelta(days=1))


async def test_certificate_keeps_the_stars_of_its_day(city, li):
    await Policy.create(name="star_1_hours", scope="city", value=1, source="试行")
    await served(city, li)
    made = await issue(li)
    await Policy.filter(name="star_1_hours").update(value=2)

    assert (await certificates.get_own(made.code, li.id)).stars == 1
    assert (await issue(li)).stars == 0


async def test_codes_are_unique_and_easy_to_read(city, li):
    await served(city, li)

    codes = {(await issue(li)).code for _ in range(5)}

    assert len(codes) == 5
    assert all(len(code) == CODE_LENGTH and set(code) <= set(SLIP_LETTERS) for code in codes)


@pytest.mark.parametrize("status", [S.LEFT, S.BANNED])
async def test_volunteer_who_left_or_was_banned_gets_a_certificate(city, li, status):
    await served(city, li)
    await Volunteer.filter(person_id=li.id).update(status=status)

    assert (await issue(li)).served_minutes == 60


@pytest.mark.parametrize("status", [S.APPLIED, S.DECLINED])
async def test_applicant_without_approval_gets_no_certificate(city, li, status):
    await served(city, li)
    await Volunteer.filter(person_id=li.id).update(status=status)

    with pytest.raises(InvalidVolunteerState):
        await issue(li)


async def test_person_without_application_gets_no_certificate(city):
    with pytest.raises(NotFound):
        await issue(city.grandma)


@pytest.mark.parametrize("name", [None, ""])
async def test_certificate_requires_a_name(city, li, name):
    await served(city, li)
    await Person.filter(id=li.id).update(name=name)

    with pytest.raises(NameRequired):
        await issue(li)


async def test_certificate_without_approved_service_is_refused(city, li):
    await record(city, li)

    with pytest.raises(NoApprovedService):
        await issue(li)
    assert not await Certificate.exists()


async def test_code_is_accepted_in_any_spelling(city, li):
    await served(city, li)
    code = (await issue(li)).code

    found = await certificates.verify(f"{code[:4]}-{code[4:8]} {code[8:]}".lower())

    assert (found.certificate.code, found.validity) == (code, Validity.VALID)


@pytest.mark.parametrize("code", ["", "ABCDEFGHJKMN", "x" * 5000, "王秀英"])
async def test_wrong_code_is_not_found(city, li, code):
    await served(city, li)
    await issue(li)

    with pytest.raises(NotFound):
        await certificates.verify(code)


async def test_certificate_with_reversed_service_is_corrected(city, li):
    await served(city, li, days_ago=1)
    turned = await served(city, li)
    before = await issue(li)
    await reverse(city, turned)
    after = await issue(li)

    assert (await certificates.verify(before.code)).validity == Validity.CORRECTED
    assert (await certificates.verify(after.code)).validity == Validity.VALID


async def test_later_service_does_not_hide_a_reversal(city, li):
    turned = await served(city, li)
    code = (await issue(li)).code
    await reverse(city, turned)
    await served(city, li, days_ago=1, minutes=600, now=LATER + timedelta(seconds=1))

    assert (await certificates.verify(code)).validity == Validity.CORRECTED


async def test_owner_withdraws_a_certificate_once(city, li):
    await served(city, li)
    code = (await issue(li)).code

    assert (await certificates.revoke(code, by=li.id, now=LATER)).revoked_at == LATER

    assert (await certificates.verify(code)).validity == Validity.REVOKED
    with pytest.raises(CertificateRevoked):
        await certificates.revoke(code, by=li.id, now=LATER)
    with pytest.raises(CertificateRevoked):
        await certificates.get_for_drawing(code, li.id)
    assert await AuditEntry.filter(action="certificate.revoked").count() == 1


async def test_certificate_of_another_person_is_not_found(city, li):
    await served(city, li)
    code = (await issue(li)).code

    assert (await certificates.get_for_drawing(code, li.id)).code == code
    for verb in (certificates.get_own, certificates.get_for_drawing):
        with pytest.raises(NotFound):
            await verb(code, city.grandma.id)
    with pytest.raises(NotFound):
        await certificates.revoke(code, by=city.grandma.id, now=LATER)
    assert await certificates.list_own(city.grandma.id, before=None, limit=20) == []


async def test_own_certificates_are_listed_newest_first(city, li):
    await served(city, li)
    codes = [(await issue(li, LATER + timedelta(minutes=n // 2))).code for n in range(5)]

    listed, before = [], None
    while page := await certificates.list_own(li.id, before=before, limit=2):
        listed += page
        before = page[-1].issued_at, page[-1].id

    assert sorted(one.code for one in listed) == sorted(codes)
    assert [one.issued_at for one in listed] == sorted((one.issued_at for one in listed), reverse=True)


async def test_reversal_during_issue_is_counted_or_shown_as_corrected(city, li):
    await served(city, li, days_ago=1)
    for day in range(3):
        turned = await served(city, li, days_ago=2 + day)

        answers = await asyncio.gather(issue(li), reverse(city, turned))

        made = answers[0]
        found = await certificates.verify(made.code)
        assert (made.served_minutes, found.validity) in {(120, Validity.CORRECTED), (60, Validity.VALID)}


async def test_withdrawing_several_times_at_once_does_it_once(city, li):
    await served(city, li)
    code = (await issue(li)).code

    withdrawn = [certificates.revoke(code, by=li.id, now=LATER) for _ in range(4)]
    answers = await asyncio.gather(*withdrawn, return_exceptions=True)

    assert sum(isinstance(answer, Certificate) for answer in answers) == 1
    assert sum(isinstance(answer, CertificateRevoked) for answer in answers) == 3
    assert await AuditEntry.filter(action="certificate.revoked").count() == 1
