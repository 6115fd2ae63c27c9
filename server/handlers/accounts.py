"""Accounts: officers shut people out, readmit them, and sign them out on every phone."""

from miniprogram_contract.accounts import AccountReason, EndedSessions, NameChange, ShutOutDetail
from miniprogram_contract.base import Empty, Page, PageQuery
from server.adapters.clock import Moment
from server.domain import accounts, names
from server.domain.accounts import Actor
from server.domain.masking import mask_name
from server.domain.pagination import Window
from server.errors import AccountOutOfReach, NotShutOut, OwnAccount, OwnName, ShutOutAlready
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.models import ShutOut

PATH = "/people/<person_id:int>"
REFUSALS = (OwnAccount, AccountOutOfReach)


@endpoint("GET", "/shut-outs", query=PageQuery, reply=Page[ShutOutDetail], roles=Roles.OFFICER)
async def list_shut_outs(query: PageQuery, caller: Caller) -> Page[ShutOutDetail]:
    """List the people who are shut out in the caller's counties, the latest first."""
    found = await accounts.list_open(caller.scope, Window(cursor.after(query.after), query.limit))
    following = cursor.following(found, query.limit, lambda one: (one.shut_out_at, one.id))
    return Page[ShutOutDetail](items=[_detail(one) for one in found], next=following)


def _detail(one: ShutOut) -> ShutOutDetail:
    by = one.shut_out_by
    return ShutOutDetail(
        id=one.id,
        person_id=one.person_id,
        person=mask_name(one.person.name or ""),
        county_id=one.county_id,
        county_name=one.county.name if one.county else None,
        reason=one.reason,
        shut_out_by=(by.name or "工作人员") if by else "系统管理员",
        shut_out_at=one.shut_out_at,
        readmitted_at=one.readmitted_at,
    )


@endpoint(
    "POST",
    PATH + "/shut-out",
    body=AccountReason,
    reply=ShutOutDetail,
    subject=subjects.SHUT_OUT,
    status=201,
    roles=Roles.OFFICER,
    refuses=(*REFUSALS, ShutOutAlready),
)
async def shut_out_person(person_id: int, body: AccountReason, caller: Caller, now: Moment) -> ShutOutDetail:
    """Shut a person out, with a reason: sessions and roles end, and needs in hand go back to the station's head.

    It counts from their next request on. County officers do it for staff and residents of their county.
    """
    return _detail(await accounts.shut_out(person_id, reason=body.reason, by=Actor(caller.scope), now=now))


@endpoint(
    "POST",
    PATH + "/readmission",
    body=AccountReason,
    reply=ShutOutDetail,
    subject=subjects.SHUT_OUT,
    roles=Roles.OFFICER,
    refuses=(*REFUSALS, NotShutOut),
)
async def readmit_person(person_id: int, body: AccountReason, caller: Caller, now: Moment) -> ShutOutDetail:
    """Let a person sign in again; roles stay ended. Only city officers readmit a person whom the city shut out."""
    return _detail(await accounts.readmit(person_id, reason=body.reason, by=Actor(caller.scope), now=now))


@endpoint(
    "POST",
    PATH + "/session-ending",
    body=AccountReason,
    reply=EndedSessions,
    subject=subjects.OUTCOME,
    roles=Roles.OFFICER,
    refuses=REFUSALS,
)
async def end_person_sessions(person_id: int, body: AccountReason, caller: Caller, now: Moment) -> EndedSessions:
    """Sign a person out on every phone, for example after one was stolen; they may sign in again."""
    ended = await accounts.end_sessions(person_id, reason=body.reason, by=Actor(caller.scope), now=now)
    return EndedSessions(sessions=ended)


@endpoint(
    "POST",
    PATH + "/name-change",
    body=NameChange,
    reply=Empty,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(OwnName,),
)
async def change_person_name(person_id: int, body: NameChange, caller: Caller, now: Moment) -> Empty:
    """Change the name of staff whom the caller could appoint, or of a volunteer of the caller's station.

    What the person did before keeps the former name, and certificates under it are revoked.
    """
    await names.change(person_id, name=body.name, reason=body.reason, by=caller.scope, now=now)
    return Empty()
