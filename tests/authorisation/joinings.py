"""Access to joinings of a person entered at the side's station."""

import itertools

from server.domain.joinings import codes, joining
from server.models import Joining, Person
from tests import factories
from tests.authorisation.given import Given
from tests.authorisation.row import SIGNED_IN, Row
from tests.sides import Side

NUMBERS = itertools.count(1)


async def _entered(side: Side) -> tuple[int, str]:
    """Return a person without a phone whom the station knows, and the code of an account."""
    made = await factories.person(f"老人{next(NUMBERS)}", side.now, side.community)
    await side.submitted(by=made.id)
    await Person.filter(id=made.id).update(openid=None)
    account = await factories.person(f"账号{next(NUMBERS)}", side.now)
    await Person.filter(id=account.id).update(openid=f"openid-{account.id}")
    return made.id, (await codes.make(of=account.id, now=side.now))[0]


async def person(side: Side) -> Given:
    person_id, code = await _entered(side)
    return Given(path={"person_id": person_id}, body={"code": code})


async def joined(side: Side) -> Joining:
    person_id, code = await _entered(side)
    return await joining.ask(person_id, code, by=side.staff["worker"], now=side.now)


async def in_force(side: Side) -> Given:
    return Given(path={"joining_id": (await joined(side)).id}, body={"reason": "登记错了人"})


async def asked(side: Side) -> Given:
    person_id, code = await _entered(side)
    await side.submitted(by=person_id, category="counselling")
    made = await joining.ask(person_id, code, by=side.staff["worker"], now=side.now)
    return Given(path={"joining_id": made.id}, body={"reason": "不是同一个人"})


async def asked_without_body(side: Side) -> Given:
    return Given(path=(await asked(side)).path)


async def number(side: Side) -> Given:
    return Given(body={"phone": "13812345678"})


DECIDERS = "401 403 403 403 403 200 404 200 404 200"
# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "POST /me/code": Row(SIGNED_IN.replace("200", "201")),
    "GET /me/joinings": Row(SIGNED_IN),
    "POST /people/{person_id}/joinings": Row("401 403 403 403 201 201 404 403 403 403", person),
    "POST /station/people/look-ups": Row("401 403 403 403 200 200 200 403 403 403", number),
    "GET /station/joinings": Row("401 403 403 403 200 200 200 200 200 200", in_force),
    "POST /station/joinings/{joining_id}/confirmation": Row(DECIDERS, asked_without_body),
    "POST /station/joinings/{joining_id}/refusal": Row(DECIDERS, asked),
    "POST /station/joinings/{joining_id}/undoing": Row(DECIDERS, in_force),
}
# fmt: on
