"""Access to service records."""

import itertools
from datetime import timedelta
from typing import Any

from server.domain.service_records import approval
from server.domain.service_records.approval import Approval
from server.models import Person, ServiceRecord, VolunteerStatus
from tests import factories
from tests.authorisation.given import Given
from tests.authorisation.row import ANY_STAFF, OWNER, SIGNED_IN, Row
from tests.authorisation.volunteers import owner_with
from tests.factories import records, volunteers
from tests.sides import Side

NUMBERS = itertools.count(1)
THEIR_STAFF = "401 403 403 403 200 200 404 403 404 403"


async def _record(side: Side, person: Person, **more: Any) -> ServiceRecord:
    """A record of an hour in the last weeks that no other record has."""
    began = side.now - timedelta(days=10) - timedelta(hours=next(NUMBERS))
    return await records.record(side.city, person, began=began, station=side.station, **more)


async def _of_volunteer(side: Side, **more: Any) -> ServiceRecord:
    person = await factories.person("小李", side.now)
    await volunteers.approved(person, side.station, side.now)
    return await _record(side, person, **more)


async def claim(side: Side) -> Given:
    """A claim of the owner, who is the only volunteer."""
    await owner_with(VolunteerStatus.APPROVED)(side)
    began = side.now - timedelta(days=5)
    moments = {"started_at": began.isoformat(), "ended_at": (began + timedelta(hours=1)).isoformat()}
    return Given(body={"station_id": side.station.id, **moments})


async def own(side: Side) -> Given:
    owner = await factories.Person.get(id=side.people["owner"])
    return Given(path={"record_id": (await _record(side, owner)).id})


async def verified(side: Side) -> Given:
    return Given(path={"record_id": (await _of_volunteer(side)).id})


async def back_entered(side: Side) -> Given:
    return Given(path={"record_id": (await _of_volunteer(side, verified=False)).id})


async def approved(side: Side) -> Given:
    """A record approved by the worker."""
    record = await _of_volunteer(side)
    await approval.approve(record.id, Approval(), by=side.staff["worker"], now=side.now)
    return Given(path={"record_id": record.id})


PATH = "/station/service-records"
# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /service-records": Row(SIGNED_IN),
    "POST /service-records": Row("401 403 403 201 403 403 403 403 403 403", claim),
    "GET /service-records/{record_id}": Row(OWNER, own),
    f"GET {PATH}": Row(ANY_STAFF),
    f"GET {PATH}/{{record_id}}": Row("401 403 403 403 200 200 404 200 404 200", verified),
    f"POST {PATH}/{{record_id}}/review": Row(THEIR_STAFF, back_entered),
    f"POST {PATH}/{{record_id}}/approval": Row(THEIR_STAFF, verified),
    f"POST {PATH}/{{record_id}}/refusal": Row(THEIR_STAFF, verified),
    f"POST {PATH}/{{record_id}}/reversal": Row("401 403 403 403 403 200 404 403 404 403", approved),
}
# fmt: on
