"""A time bank and a supermarket for generated requests: volunteers, tasks, records, deeds, goods, orders, teams."""

from datetime import timedelta
from typing import Any

from server.domain.orders import place_order
from server.domain.points import deeds, earning_rules
from server.domain.service_records import claims
from server.domain.service_records.claims import Claim
from server.domain.supermarket import donations
from server.domain.tasks import claims as task_claims
from server.domain.tasks import publication
from server.domain.tasks.publication import StationTask, TaskContent
from server.domain.volunteers import teams
from server.models import Person, RuleKind
from tests.factories import supermarket, timebank, volunteers
from tests.sides import Side


async def settle(side: Side, people: list[Person]) -> dict[str, list[Any]]:
    """Give each of the people a claim, a deed, a task and an order as a volunteer; return all ids."""
    now, station, worker, head = side.now, side.station, side.staff["worker"], side.staff["head"]
    deed_rule = earning_rules.NewRule(RuleKind.DEED, "爱心捐赠", points=10, daily_cap=60, monthly_cap=600)
    rule = await earning_rules.create(station.id, deed_rule, by=head, now=now)
    good = await supermarket.good(station, 1000, now)
    donation = await donations.receive(good.id, donations.DonatedPieces(5, "王老板"), by=worker, now=now)
    team = await teams.create(station.id, name="助老队", about="", by=worker, now=now)
    ids: dict[str, list[Any]] = {"good_id": [good.id], "donation_id": [donation.id]}
    ids |= {"team_id": [team.id], "rule_id": [rule.id]}
    for number, person in enumerate(people):
        volunteer = await volunteers.approved(person, station, now)
        await timebank.points(1000, person.id, station, now)
        begins = now + timedelta(hours=1 + number)
        asked = TaskContent("陪老人取药", "陪同步行去取药。", begins, begins + timedelta(minutes=50), 45)
        wish = StationTask(station.id, side.community.id, "elder_care", "活动中心")
        task = await publication.publish_station_task(wish, asked, by=worker, now=now)
        if number % 2:
            await task_claims.claim(task.id, by=person.id, now=now)
        began = now - timedelta(days=2)
        claim = Claim(station.id, began, began + timedelta(minutes=60), "陪老人散步")
        record = await claims.claim(claim, by=person.id, now=now)
        deed = await deeds.claim(deeds.DeedClaim(station.id, rule.id, "捐赠衣物", now.date()), by=person.id, now=now)
        order = (await place_order.place(station.id, {good.id: 1}, by=person.id, now=now)).order
        made = {"volunteer_id": volunteer.id, "task_id": task.id, "record_id": record.id}
        for name, value in (made | {"earning_id": deed.id, "order_id": order.id}).items():
            ids.setdefault(name, []).append(value)
    return ids
