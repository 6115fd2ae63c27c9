"""Shutting out while others act: the person, their head, another officer."""

from datetime import timedelta

import pytest

from server.domain import accounts, roles, sessions, staff
from server.domain.accounts import Actor
from server.domain.needs import triage
from server.domain.roles import Appointment
from server.domain.tasks import claims
from server.errors import AccountShutOut, NotFound, NotStationWorker, Refusal, ShutOutAlready, VolunteerRequired
from server.handlers.http.auth import token_hash
from server.models import Job, Need, Person, Role, RoleKind, Session, ShutOut, Task, TaskStatus
from tests import factories
from tests.concurrency import at_once, won_and_refused
from tests.conftest import NOW
from tests.factories import tasks
from tests.scale import scaled
from tests.sides import sign_in

KEPT = timedelta(days=30)
ROUNDS = scaled(3, full=15)


def shut_out(person_id, by, *, reason="冒用他人身份"):
    return accounts.shut_out(person_id, reason=reason, by=Actor(by), now=NOW)


async def test_two_officers_shutting_out_one_person_at_once_do_it_once(city):
    officers = [city.staff["冯科长"], city.staff["卫处长"]]

    won, refused = await won_and_refused(*(shut_out(city.grandma.id, by) for by in officers))

    assert (won, refused) == (1, {ShutOutAlready})
    assert await ShutOut.filter(person_id=city.grandma.id).count() == 1


async def test_two_officers_shutting_out_each_other_at_once_leave_one(city):
    other = await factories.person("魏副处", NOW)
    await factories.role(other, RoleKind.CITY_OFFICER, NOW)
    one = city.staff["卫处长"]
    two = await staff.of_person(other.id)

    answers = await at_once(shut_out(two.person_id, one), shut_out(one.person_id, two))

    assert sum(isinstance(answer, ShutOut) for answer in answers) == 1
    assert await Person.filter(id__in=[one.person_id, two.person_id], disabled_at=None).count() == 1


async def test_assignment_and_shutting_out_at_once_leave_no_need_with_the_person(city):
    worker, head, officer = city.staff["林社工"], city.staff["赵站长"], city.staff["冯科长"]
    for _ in range(ROUNDS):
        needs = [await triage.accept((await city.need()).id, by=head, now=NOW) for _ in range(3)]
        assign = [triage.assign(one.id, worker_id=worker.person_id, by=head, now=NOW) for one in needs]

        answers = await at_once(*assign, shut_out(worker.person_id, officer))

        assert all(isinstance(one, Need | ShutOut | NotStationWorker) for one in answers), answers
        assert not await Need.filter(assignee_id=worker.person_id).exists()
        await accounts.readmit(worker.person_id, reason="已核实", by=Actor(officer), now=NOW)
        wanted = Appointment(worker.person_id, RoleKind.SOCIAL_WORKER, city.stations["邻玉社工站"].id)
        await roles.appoint(wanted, by=head.person_id, now=NOW)


async def test_appointment_and_shutting_out_at_once_leave_no_role(city):
    newcomer = await factories.person("何新", NOW, city.areas["团结村"])
    wanted = Appointment(newcomer.id, RoleKind.SOCIAL_WORKER, city.stations["邻玉社工站"].id)

    answers = await at_once(
        roles.appoint(wanted, by=city.staff["赵站长"].person_id, now=NOW), shut_out(newcomer.id, city.staff["卫处长"])
    )

    assert all(isinstance(one, Role | ShutOut | NotFound) for one in answers), answers
    assert not await Role.filter(person_id=newcomer.id, current=1).exists()


async def test_signing_in_and_shutting_out_at_once_leave_no_session(city):
    await Person.filter(id=city.grandma.id).update(openid="openid-wang")
    for number in range(ROUNDS):
        signing = [
            sessions.sign_in("openid-wang", token_hash=f"{number}-{turn}", device="微信", kept=KEPT, now=NOW)
            for turn in range(4)
        ]

        answers = await at_once(*signing, shut_out(city.grandma.id, city.staff["冯科长"]))

        assert all(isinstance(one, Session | ShutOut | AccountShutOut) for one in answers), answers
        assert await Session.filter(person_id=city.grandma.id, revoked_at=None).count() == 0
        await accounts.readmit(city.grandma.id, reason="已核实", by=Actor(city.staff["冯科长"]), now=NOW)


async def test_shutting_out_while_the_persons_steps_run_ends_them_or_lets_them_finish(city):
    """The person's own verbs lock their needs, and write lines that refer to the person."""
    worker, head, officer = city.staff["林社工"], city.staff["赵站长"], city.staff["冯科长"]
    needs = [await triage.accept((await city.need()).id, by=head, now=NOW) for _ in range(6)]
    for one in needs:
        await triage.assign(one.id, worker_id=worker.person_id, by=head, now=NOW)

    answers = await at_once(
        *(triage.start(one.id, by=worker, now=NOW) for one in needs), shut_out(worker.person_id, officer)
    )

    assert isinstance(answers[-1], ShutOut), answers
    assert all(isinstance(one, Need | Refusal) for one in answers[:-1]), answers
    assert not await Need.filter(assignee_id=worker.person_id).exists()
    assert await Need.filter(id__in=[one.id for one in needs], status="accepted").count() == len(needs)


async def test_session_that_runs_is_found_no_more_after_shutting_out(city):
    token = token_hash(await sign_in(city.grandma.id, NOW))
    assert await sessions.of_token(token, now=NOW, kept=KEPT)

    await shut_out(city.grandma.id, city.staff["冯科长"])

    assert await sessions.of_token(token, now=NOW, kept=KEPT) is None


async def test_claimed_task_of_a_volunteer_shut_out_is_neither_confirmed_nor_kept(city):
    li = await tasks.volunteer(city)
    claimed = await tasks.claimed(city, by=li)
    await shut_out(li.person_id, city.staff["卫处长"])

    with pytest.raises(VolunteerRequired):
        await claims.confirm(claimed.id, by=city.staff["陈社工"], now=NOW)
    assert await Job.filter(kind="free_tasks", subject=str(li.id)).exists()
    assert await claims.release_claims_of_banned(li.id, now=NOW) == 1
    assert (await Task.get(id=claimed.id)).status == TaskStatus.PUBLISHED


async def test_sessions_of_everybody_end(city):
    for person in (city.grandma.id, city.staff["陈社工"].person_id):
        await sign_in(person, NOW)

    assert await sessions.end_all_of_everybody(now=NOW) == 2
    assert not await Session.filter(revoked_at=None).exists()
