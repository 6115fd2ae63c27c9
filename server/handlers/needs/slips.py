"""Slips: a printed code that shows the state of a need to whoever holds it, and nothing personal."""

from miniprogram_contract.needs import STATUS_WORDS, SlipDetail
from server.adapters import Dependencies
from server.domain.needs import resident_queries, staff_queries
from server.errors import NotFound
from server.handlers.http import Caller, RawResponse, Roles, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.needs.serializers import station_reference
from server.handlers.needs.slip_page import not_found_page, page, sheet

LOOKING_UP = RateLimit(most=20, seconds=60)


@endpoint("GET", "/slips/<code:str>", reply=SlipDetail, roles=Roles.ANYONE, limit=LOOKING_UP)
async def get_slip(code: str) -> SlipDetail:
    """The state of a need by its slip's code."""
    need = await resident_queries.get_by_slip(code)
    return SlipDetail(
        status=need.status,
        status_words=STATUS_WORDS[need.status],
        station=station_reference(need.station),
        submitted_at=need.submitted_at,
        response_due_at=need.response_due_at,
        completion_due_at=need.completion_due_at,
        escalated=need.escalated_at is not None,
    )


@endpoint(
    "GET", "/slips/<code:str>/page", reply=RawResponse, content_type="text/html", roles=Roles.ANYONE, limit=LOOKING_UP
)
async def get_slip_page(code: str) -> RawResponse:
    """The same as a page for a phone's browser: what the slip's QR code opens."""
    try:
        return page(await get_slip(code), code.upper())
    except NotFound:
        return not_found_page()


@endpoint("GET", "/station/needs/<need_id:int>/slip", reply=RawResponse, content_type="text/html", roles=Roles.STAFF)
async def get_printable_slip(need_id: int, caller: Caller, dependencies: Dependencies) -> RawResponse:
    """The slip as a page to print at the counter."""
    need = await staff_queries.get_for_slip(need_id, by=caller.scope)
    return sheet(need, f"{dependencies.public_url}/api/v1/slips/{need.slip_code}/page")
