"""Rights of a resident without a phone, used by staff of the side's station on their word."""

import itertools
from collections.abc import Awaitable, Callable

from server.models import Channel, Need, NeedEvent, Person
from tests import factories, steps
from tests.authorisation.given import Given
from tests.authorisation.row import ANYBODY, Row
from tests.sides import Side

NUMBERS = itertools.count(1)


async def _entered(side: Side) -> Need:
    resident = await factories.person(f"老人{next(NUMBERS)}", side.now, side.community)
    need = await side.submitted(by=resident.id)
    await Need.filter(id=need.id).update(channel=Channel.COUNTER)
    await Person.filter(id=resident.id).update(openid=None)
    return await Need.get(id=need.id)


def _of(made: Callable[[Side], Awaitable[Need]]) -> Callable[[Side], Awaitable[Given]]:
    async def given(side: Side) -> Given:
        return Given(path={"need_id": (await made(side)).id})

    return given


async def _declined(side: Side) -> Need:
    return await steps.decline_need(side.city, await _entered(side), side.now)


async def _declined_by_a_colleague(side: Side) -> Need:
    need, colleague = await _declined(side), await factories.person("同事", side.now)
    await Need.filter(id=need.id).update(handler_id=colleague.id)
    return need


async def _resolved(side: Side) -> Need:
    return await steps.resolve_need(side.city, await _entered(side), side.now)


async def _resolved_by_a_colleague(side: Side) -> Need:
    need, colleague = await _resolved(side), await factories.person("同事", side.now)
    await Need.filter(id=need.id).update(handler_id=colleague.id, assignee_id=colleague.id)
    await NeedEvent.filter(need_id=need.id, kind__in=["started", "resolved"]).update(actor_id=colleague.id)
    return need


async def slip(side: Side) -> Given:
    return Given(path={"code": (await _entered(side)).slip_code})


WORKERS = "401 403 403 403 200 200 404 403 404 403"
PATH = "POST /station/needs/{need_id}/on-word"
# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    f"{PATH}/reminder": Row(WORKERS, _of(_entered)),
    f"{PATH}/message": Row(WORKERS, _of(_entered)),
    f"{PATH}/withdrawal": Row(WORKERS, _of(_entered)),
    f"{PATH}/appeal": Row(WORKERS, _of(_declined_by_a_colleague)),
    f"{PATH}/reopening": Row(WORKERS, _of(_resolved)),
    f"{PATH}/rating": Row(WORKERS, _of(_resolved_by_a_colleague)),
    "POST /slips/{code}/reminders": Row(ANYBODY.replace("200", "201"), slip),
}
# fmt: on
