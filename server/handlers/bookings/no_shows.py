"""No-shows: residents give an excuse, staff forgive or not."""

from typing import Any

from miniprogram_contract.base import Page, PageQuery, StaffPageQuery
from miniprogram_contract.no_shows import (
    EXEMPTION_WORDS,
    Exemption,
    NewExcuse,
    NoShowAnswer,
    NoShowDetail,
    NoShowPage,
    NoShowRow,
)
from server.adapters.clock import Moment
from server.domain.bookings import no_show_queries, no_shows
from server.domain.masking import mask_name
from server.domain.pagination import Window
from server.errors import AlreadyExcused, NoExcusePending, NoShowNotCounted, OwnNoShow
from server.handlers import subjects
from server.handlers.bookings.offers import activity_reference
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.models import NoShow


def _columns(no_show: NoShow) -> dict[str, Any]:
    exemption = Exemption(no_show.exemption.value) if no_show.exemption else None
    return {
        "id": no_show.id,
        "activity": activity_reference(no_show.booking.activity),
        "booking_id": no_show.booking_id,
        "at": no_show.at,
        "exemption": exemption,
        "exemption_words": EXEMPTION_WORDS[exemption] if exemption else "",
        "excuse": no_show.excuse,
        "excused_at": no_show.excused_at,
        "decision": no_show.decision,
        "decided_at": no_show.decided_at,
    }


def _of_station(no_show: NoShow, caller: Caller) -> NoShowRow:
    columns = _columns(no_show) | {"name": mask_name(no_show.person.name or "")}
    # Officers see that there is an excuse, not its text.
    if no_show.station_id not in caller.scope.station_ids:
        columns |= {"excuse": "", "decision": ""}
    return NoShowRow(**columns)


@endpoint("GET", "/no-shows", query=PageQuery, reply=NoShowPage)
async def list_no_shows(query: PageQuery, caller: Caller, now: Moment) -> NoShowPage:
    """Return the caller's no-shows, newest first, and until when the caller comes last in waiting lists."""
    found = await no_show_queries.list_of_person(caller.person_id, Window(cursor.after(query.after), query.limit))
    standing = await no_show_queries.get_summary(caller.person_id, now)
    return NoShowPage(
        items=[NoShowDetail(**_columns(one)) for one in found],
        next=cursor.following(found, query.limit, lambda one: (one.at, one.id)),
        counted=standing.counting,
        limit=standing.rule.limit,
        window_days=standing.rule.within.days,
        penalty_until=standing.penalty_until,
    )


@endpoint(
    "POST",
    "/no-shows/<no_show_id:int>/excuse",
    body=NewExcuse,
    hears=("reason",),
    reply=NoShowDetail,
    subject=subjects.OWN,
    refuses=(NoShowNotCounted, AlreadyExcused),
)
async def excuse_no_show(no_show_id: int, body: NewExcuse, caller: Caller, now: Moment) -> NoShowDetail:
    """Store, once, the reason for not coming."""
    await no_shows.excuse(no_show_id, body.reason, by=caller.person_id, now=now)
    return NoShowDetail(**_columns(await no_show_queries.get(no_show_id)))


@endpoint("GET", "/station/no-shows", query=StaffPageQuery, reply=Page[NoShowRow], roles=Roles.STAFF)
async def list_station_no_shows(query: StaffPageQuery, caller: Caller) -> Page[NoShowRow]:
    """Return first the no-shows with an undecided excuse, the oldest excuse first, then the rest, newest first."""
    window = Window(cursor.after(query.after), query.limit)
    found = await no_show_queries.list_of_stations(caller.scope, query.station, window)
    following = cursor.following(found, query.limit, no_show_queries.position_of)
    return Page[NoShowRow](items=[_of_station(one, caller) for one in found], next=following)


@endpoint(
    "POST",
    "/station/no-shows/<no_show_id:int>/forgiveness",
    body=NoShowAnswer,
    reply=NoShowRow,
    subject=subjects.NO_SHOW,
    roles=Roles.STAFF,
    refuses=(NoShowNotCounted, OwnNoShow),
)
async def forgive_no_show(no_show_id: int, body: NoShowAnswer, caller: Caller, now: Moment) -> NoShowRow:
    """Forgive a no-show: it counts no more, and the waiting lists are put in order again."""
    await no_shows.forgive(no_show_id, body.reason, by=caller.scope, now=now)
    return _of_station(await no_show_queries.get(no_show_id), caller)


@endpoint(
    "POST",
    "/station/no-shows/<no_show_id:int>/excuse-refusal",
    body=NoShowAnswer,
    reply=NoShowRow,
    subject=subjects.NO_SHOW,
    roles=Roles.STAFF,
    refuses=(NoShowNotCounted, NoExcusePending, OwnNoShow),
)
async def refuse_excuse(no_show_id: int, body: NoShowAnswer, caller: Caller, now: Moment) -> NoShowRow:
    """Refuse an excuse: the no-show still counts, and the person reads why."""
    await no_shows.uphold(no_show_id, body.reason, by=caller.scope, now=now)
    return _of_station(await no_show_queries.get(no_show_id), caller)
