"""Endpoints for wordings: titles of authorities and names of the levels of stations."""

from miniprogram_contract.wordings import NewWording, WordingDetail, WordingList, WordingName
from server.adapters.clock import Moment
from server.domain import wordings
from server.domain.wordings import WordingInForce
from server.handlers.http import Caller, Roles, endpoint


@endpoint("GET", "/wordings", reply=WordingList, roles=Roles.ANYONE)
async def list_wordings() -> WordingList:
    """List the titles and names that people read, as the city words them."""
    return WordingList(items=[_detail(one) for one in await wordings.list_all()])


@endpoint(
    "PUT",
    "/wordings/<name:[a-z_]{1,40}>",
    body=NewWording,
    reply=WordingDetail,
    roles=Roles.CITY_OFFICER,
)
async def set_wording(name: str, body: NewWording, caller: Caller, now: Moment) -> WordingDetail:
    """Set the text of a wording for the whole city."""
    return _detail(await wordings.set_text(name, body.text, source=body.source, by=caller.scope, now=now))


def _detail(one: WordingInForce) -> WordingDetail:
    return WordingDetail(
        name=WordingName(one.name),
        text=one.text,
        description=one.rule.meaning,
        default=one.rule.default,
        source=one.source,
    )
