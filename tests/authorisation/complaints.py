"""Access to complaints: of the owner's, and of a person without a phone whom staff of the side looked up."""

import itertools

from server.database import db
from server.domain import audit, stations
from server.domain.complaints import answers, submit
from server.domain.complaints.submit import ComplaintContent
from server.domain.people import file_of
from server.models import Complaint, ComplaintAbout, Person, ReadingKind
from tests import factories
from tests.authorisation.given import Given
from tests.authorisation.row import ANY_STAFF, OWNER, SIGNED_IN, Row
from tests.sides import Side

NUMBERS = itertools.count(1)


async def about_station(side: Side) -> Given:
    return Given(body={"station_id": side.station.id})


async def at_counter(side: Side) -> Given:
    """A complaint about the station, of a person whom it has served."""
    need = await side.submitted()
    return Given(body={"station_id": side.station.id, "person_id": need.person_id})


async def own(side: Side) -> Given:
    """A complaint of the owner about the head station, which the city desk answers."""
    return Given(path={"complaint_id": (await _complaint(side, side.people["owner"])).id})


async def answered(side: Side) -> Given:
    return Given(path={"complaint_id": (await _answered(side, side.people["owner"])).id})


async def of_person_beside(side: Side) -> Given:
    return Given(path={"person_id": await _person_beside(side)})


async def answered_beside(side: Side) -> Given:
    return Given(path={"complaint_id": (await _answered(side, await _person_beside(side))).id})


async def to_appeal_beside(side: Side) -> Given:
    made = await _answered(side, await _person_beside(side))
    return Given(path={"complaint_id": made.id}, body={"person_id": made.person_id})


async def _person_beside(side: Side) -> int:
    """Return a person without a phone whom the worker and the head have just looked up."""
    made = await factories.person(f"投诉人{next(NUMBERS)}", side.now, side.community)
    await Person.filter(id=made.id).update(openid=None)
    for reader in ("worker", "head"):
        await _look_up(made.id, side.staff[reader].person_id, side)
    return made.id


@db.transaction
async def _look_up(person_id: int, by: int, side: Side) -> None:
    await audit.read(file_of(person_id), ReadingKind.FOUND, of=person_id, by=by, reason="来访", now=side.now)


async def _answered(side: Side, person_id: int) -> Complaint:
    made = await _complaint(side, person_id)
    return await answers.answer(made.id, upheld=True, text="属实", by=side.staff["city"], now=side.now)


async def _complaint(side: Side, person_id: int) -> Complaint:
    head = await stations.head_station_of(side.station)
    content = ComplaintContent(ComplaintAbout.STATION, head.id, "没有人接电话")
    return await submit.file(content, by=person_id, now=side.now)


DECIDER = "401 403 403 403 404 404 404 404 404 200"
BESIDE = "401 403 403 403 200 200 404 404 404 404"
# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "POST /complaints": Row(SIGNED_IN.replace("200", "201"), about_station),
    "GET /complaints": Row(SIGNED_IN),
    "GET /complaints/{complaint_id}": Row(OWNER, own),
    "POST /complaints/{complaint_id}/appeal": Row(OWNER, answered),
    "POST /station/complaints": Row("401 403 403 403 201 201 404 403 403 403", at_counter),
    "GET /station/complaints": Row(ANY_STAFF),
    "GET /station/complaints/{complaint_id}": Row(DECIDER, own),
    "POST /station/complaints/{complaint_id}/contact": Row(DECIDER, own),
    "POST /station/complaints/{complaint_id}/answer": Row(DECIDER, own),
    "GET /station/people/{person_id}/complaints": Row(BESIDE, of_person_beside),
    "GET /station/complaints/{complaint_id}/on-word": Row(BESIDE, answered_beside),
    "POST /station/complaints/{complaint_id}/on-word/appeal": Row(BESIDE, to_appeal_beside),
}
# fmt: on
