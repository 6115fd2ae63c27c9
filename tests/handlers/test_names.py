"""Names of staff and volunteers: changed by who appoints or approves them, and kept in what they did before."""

from itertools import pairwise

import pytest

from server.domain import certificates, names, people
from server.errors import NotFound, OwnName
from server.models import AuditEntry, Certificate, FormerName, Notice, Person, Role, RoleKind
from tests import factories
from tests.authorisation import certificates as certified
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.people import Phone
from tests.sides import sign_in, two_sides

WHY = "登记时写错了字"


@pytest.fixture
def phone_at(client, town):
    """Sign in a member of the small city's staff by name."""

    async def sign_in_staff(name: str) -> Phone:
        person_id = town.staff[name].person_id
        return Phone(client, await sign_in(person_id, NOW), person_id)

    return sign_in_staff


async def rename(by: Phone, person_id: int, name: str = "陈新"):
    return await by.post(f"/people/{person_id}/name-change", {"name": name, "reason": WHY})


async def test_worker_does_not_rename_herself(phone_at):
    worker = await phone_at("陈社工")

    answer = await worker.change("/me", {"name": "无名氏"})
    phone_alone = await worker.change("/me", {"phone": "13900000000", "name": "陈社工"})

    assert (answer.status_code, answer.json()["code"]) == (409, "name_fixed")
    assert phone_alone.status_code == 200


async def test_timeline_and_readings_keep_the_name_of_that_day(town, phone_at, client, clock):
    need, worker = await town.need(), await phone_at("陈社工")
    grandma = Phone(client, await sign_in(town.grandma.id, NOW), town.grandma.id)
    assert (await worker.post(f"/station/needs/{need.id}/acceptance")).status_code == 200
    assert (await worker.post(f"/station/needs/{need.id}/contact", {"reason": "联系居民"})).status_code == 200
    clock.forward(seconds=86_400)

    answer = await rename(await phone_at("赵站长"), worker.person_id)
    clock.forward(seconds=86_400)
    await worker.post(f"/station/needs/{need.id}/note", {"message": "明天上门"})

    assert answer.status_code == 200, answer.text
    shown = (await grandma.get(f"/needs/{need.id}")).json()["timeline"]
    actors = [one["actor"] for one in shown if "社工站" in one["actor"]]
    assert (actors[0], actors[-1]) == ("陈社工（邻玉社工站）", "陈新（邻玉社工站）")
    readers = {one["reader"] for one in (await grandma.get("/me/readings")).json()["items"]}
    assert readers == {"陈社工"}
    assert await Notice.exists(person_id=worker.person_id, template="name_changed")
    assert await AuditEntry.exists(action="person.renamed", subject=people.file_of(worker.person_id))


@pytest.mark.parametrize(
    ("by", "status"), [("赵站长", 200), ("冯科长", 200), ("林社工", 404), ("褚科长", 404), ("吴站长", 404)]
)
async def test_name_is_changed_by_who_could_appoint_the_person(town, phone_at, by, status):
    answer = await rename(await phone_at(by), town.staff["陈社工"].person_id)

    assert answer.status_code == status


async def test_resident_is_renamed_by_nobody_else(town, phone_at):
    await town.need()

    assert (await rename(await phone_at("赵站长"), town.grandma.id)).status_code == 404


async def test_certificates_under_the_former_name_are_revoked(app, clock):
    side = (await two_sides(clock.now()))[0]
    await certified.certificate(side)
    owner = side.people["owner"]

    await names.change(owner, name="李新", reason=WHY, by=side.staff["worker"], now=clock.now())

    assert not await Certificate.exists(person_id=owner, revoked_at=None)
    again = await certificates.issue(owner, now=clock.now())
    assert again.name == "李新"


async def test_worker_of_the_volunteers_station_does_not_rename_staff(town):
    colleague = town.staff["林社工"].person_id
    person = await Person.get(id=colleague)
    await factories.role(person, RoleKind.VOLUNTEER, NOW, station=town.stations["邻玉社工站"])

    with pytest.raises(NotFound):
        await names.change(colleague, name="林新", reason=WHY, by=town.staff["陈社工"], now=NOW)
    with pytest.raises(OwnName):
        await names.change(colleague, name="林新", reason=WHY, by=town.staff["林社工"], now=NOW)
    assert await Role.filter(person_id=colleague, current=1).count() == 2


async def test_two_changes_at_once_keep_each_former_name_once(town):
    worker, head, officer = (town.staff[name] for name in ("陈社工", "赵站长", "冯科长"))

    await at_once(
        *(names.change(worker.person_id, name="陈甲", reason=WHY, by=by, now=NOW) for by in (head, officer)),
        names.change(worker.person_id, name="陈乙", reason=WHY, by=head, now=NOW),
    )

    former = await FormerName.filter(person_id=worker.person_id).order_by("id").values_list("name", flat=True)
    one_by_one = [*former, (await Person.get(id=worker.person_id)).name]
    assert one_by_one[0] == "陈社工"
    assert all(before != after for before, after in pairwise(one_by_one))
