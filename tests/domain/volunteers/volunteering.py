"""Steps of people who volunteer, in their order."""

from datetime import timedelta

from server.database import db
from server.domain import households
from server.domain.volunteers import applications, approval, ban_appeals, bans, lock_approved
from server.domain.volunteers.applications import Application
from server.models import Ban, Category, Notice, Person, Task, TaskStatus, Volunteer
from tests import factories
from tests.conftest import NOW

SATURDAY = {"weekday": 6, "from_minute": 540, "until_minute": 720}


async def neighbour(city, name="小李", home="团结村") -> Person:
    return await factories.person(name, NOW, city.areas[home], phone="13912345678")


async def apply(person, now=NOW, **said) -> Volunteer:
    usual = {"about": "会量血压", "skills": ["elder_care"], "free_times": [SATURDAY], "show_in_rankings": False}
    return await applications.apply(Application(**usual | said), by=person.id, now=now)


async def applied(city, name="小李", home="团结村") -> Volunteer:
    return await apply(await neighbour(city, name, home))


async def approve(city, volunteer, by="陈社工", now=NOW) -> Volunteer:
    return await approval.approve(volunteer.id, by=city.staff[by], now=now)


async def approved(city, name="小李") -> Volunteer:
    """A volunteer of 邻玉社工站."""
    return await approve(city, await applied(city, name))


async def ban(city, volunteer, by="赵站长", now=NOW) -> Ban:
    return await bans.ban(volunteer.id, reason="多次失约", by=city.staff[by], now=now)


async def banned(city, name="小李") -> Ban:
    return await ban(city, await approved(city, name))


async def lift(city, ban, by="赵站长", now=NOW) -> Volunteer:
    return await bans.lift(ban.volunteer_id, by=city.staff[by], now=now)


async def appealed(city, name="小李", now=NOW) -> Ban:
    made = await banned(city, name)
    volunteer = await Volunteer.get(id=made.volunteer_id)
    return await ban_appeals.submit(volunteer.person_id, reason="事先请过假", now=now)


async def decide(city, ban, by="孙站长", *, grant=True, now=NOW) -> Ban:
    return await ban_appeals.decide(ban.id, grant=grant, decision="已核实", by=city.staff[by], now=now)


async def live_together(one: int, other: int) -> None:
    await households.create(by=one, now=NOW)
    code, _ = await households.invite(by=one, now=NOW)
    await households.join(code, by=other, now=NOW)


async def task_of(city, person, status=TaskStatus.CONFIRMED) -> Task:
    """A task that the person has claimed."""
    category = await Category.get(code="elder_care")
    when = {"starts_at": NOW + timedelta(days=1), "ends_at": NOW + timedelta(days=1, hours=2)}
    words = {"title": "陪同看病", "text": "陪老人去医院"}
    slot = {"weekday": 3, "from_minute": 600, "until_minute": 720, "expected_minutes": 120}
    station = city.stations["邻玉社工站"]
    return await Task.create(
        status=status,
        station=station,
        category=category,
        area=city.areas["团结村"],
        published_by_id=city.staff["陈社工"].person_id,
        published_at=NOW,
        volunteer=person,
        claimed_at=NOW,
        **when,
        **words,
        **slot,
    )


@db.transaction
async def held(person_id) -> Volunteer:
    return await lock_approved(person_id)


async def person_of(ban) -> int:
    return (await Volunteer.get(id=ban.volunteer_id)).person_id


async def told(person_id: int) -> list[str]:
    """Return the templates of the person's notices, sorted."""
    return [one.template for one in await Notice.filter(person_id=person_id).order_by("created_at", "id")]
