"""Slips: a printed code shows the state of a need, and nothing personal, to the person who holds it."""

from miniprogram_contract.needs import STATUS_WORDS, SlipDetail
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.needs import resident_queries, staff_queries
from server.errors import READER_REQUIRED, NotFound
from server.handlers.http import Caller, RawResponse, Roles, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.needs.serializers import station_reference
from server.handlers.needs.slip_page import not_found_page, page, sheet
from server.models import Need

LOOKING_UP = RateLimit(most=20, seconds=60)


@endpoint("GET", "/slips/<code:str>", reply=SlipDetail, roles=Roles.ANYONE, limit=LOOKING_UP)
async def get_slip(code: str) -> SlipDetail:
    """Get the state of a need by its slip code."""
    return slip_detail(await resident_queries.get_by_slip(code))


def slip_detail(need: Need) -> SlipDetail:
    """Return what the person who holds the slip may see of the need with its station."""
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
    """Show the same as a page for a phone's browser, which the slip's QR code opens."""
    try:
        need = await resident_queries.get_by_slip(code)
    except NotFound:
        return not_found_page()
    return page(slip_detail(need), code.upper())


@endpoint(
    "GET",
    "/station/needs/<need_id:int>/slip",
    reply=RawResponse,
    content_type="text/html",
    roles=Roles.STAFF,
    refuses=READER_REQUIRED,
)
async def get_printable_slip(need_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> RawResponse:
    """Show the slip as a page to print at the counter."""
    need = await staff_queries.get_for_slip(need_id, by=caller.scope, now=now)
    return sheet(need, f"{dependencies.public_url}/api/v1/slips/{need.slip_code}/page")
