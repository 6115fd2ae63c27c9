"""Ask for a joining, decide and undo it.

A worker at the counter types the code on the phone beside the person on file. Where points, minutes, confidential
needs, emergencies or complaints are on file, another head or an officer confirms it. For 30 days it can be undone.
"""

from datetime import datetime, timedelta

from tortoise.expressions import Q

from server.database import db
from server.domain import (
    audit,
    households,
    job_queue,
    ledger,
    notifications,
    people,
    policies,
    reference,
    staff,
    stations,
)
from server.domain.bookings import cancellation
from server.domain.joinings import codes, moved_rows
from server.domain.joinings.notifications import JOINED, JOINING_ASKED, JOINING_REFUSED, JOINING_UNDONE
from server.domain.joinings.queries import DECIDED_WITHIN, get, may_decide, undoable_until
from server.domain.ledger import account_keys
from server.domain.needs import takings
from server.domain.staff import Staff
from server.domain.working_time import in_chinese
from server.errors import (
    AlreadyJoined,
    AskerLeft,
    DeadlinePassed,
    HeadRequired,
    HouseholdsDiffer,
    NotAllowed,
    NotFound,
    NotUndoable,
    NotWaiting,
    OwnJoining,
    OwnJoiningRequest,
)
from server.models import Complaint, Joining, JoiningStatus, Need, Person, Role, Urgency
from server.models.fields import new_id

# What was entered for the person while they were joined is moved after this time.
FOLLOWS_AFTER = timedelta(minutes=1)
JOB_KIND = "follow_joining"


@db.transaction
async def ask(person_id: int, code: str, *, by: Staff, now: datetime) -> Joining:
    """Join the person, entered at the counter, to the account whose phone shows the code, or ask for it.

    Raises `NotAllowed`, `NotFound` for a person whom the caller's stations do not know, `InvalidPersonCode`,
    `AlreadyJoined`, `HouseholdsDiffer`, `OwnJoining`.
    """
    if not by.station_ids:
        raise NotAllowed
    person = await people.known_to_station(person_id, by, now=now)
    account = await codes.use(code, now=now)
    joining = await _enter(person, account, by, now)
    await audit.note("joining.asked", f"joining:{joining.id}", by=by.person_id, now=now)
    if await _needs_confirmation(person.id):
        await _notify_deciders(joining, now)
    else:
        await _join(joining, by=by.person_id, now=now)
    return await get(joining.id)


async def _enter(person: Person, account: Person, by: Staff, now: datetime) -> Joining:
    await _require_unrelated(person.id, account.id, by, now)
    await _require_one_household(person.id, account.id)
    if person.openid is not None or person.joined_to_id is not None or account.openid is None:
        raise AlreadyJoined
    made = {
        "id": new_id(),
        "person_id": person.id,
        "account_id": account.id,
        "station_id": await _station_of(person.id, by),
        "status": JoiningStatus.ASKED,
        "asked_by_id": by.person_id,
        "asked_at": now,
        "open": 1,
    }
    # Two workers who ask at the same time: the second one waits here, and is refused.
    if not await db.insert_or_nothing("joining", **made, reason="", points=0, minutes=0):
        raise AlreadyJoined
    return await Joining.get(id=made["id"])


async def _station_of(person_id: int, by: Staff) -> int:
    """Return the caller's station that served the person last."""
    theirs = Need.filter(person_id=person_id, station_id__in=sorted(by.station_ids))
    newest = await theirs.order_by("-submitted_at", "-id").first()
    return newest.station_id if newest is not None else min(by.station_ids)


async def _require_unrelated(person_id: int, account_id: int, by: Staff, now: datetime) -> None:
    for one in (person_id, account_id):
        if await households.near(one, by.person_id, now=now):
            raise OwnJoining


async def _needs_confirmation(person_id: int) -> bool:
    """Return whether points, minutes, confidential needs, emergencies, complaints or a household are on file.

    With a place in a household the account reads what its members share.
    """
    if await _secrets_of(person_id) or await Complaint.exists(person_id=person_id):
        return True
    if await households.of(person_id) is not None:
        return True
    balances = [await ledger.get_balance(account_keys.person(person_id, unit)) for unit in moved_rows.UNITS]
    return any(one.balance for one in balances)


async def _secrets_of(person_id: int) -> list[Need]:
    """Return the person's confidential needs and emergencies."""
    confidential = (await reference.snapshot()).category_ids(confidential=True)
    return await Need.filter(Q(category_id__in=confidential) | Q(urgency=Urgency.EMERGENCY), person_id=person_id)


async def _notify_deciders(joining: Joining, now: datetime) -> None:
    found, station = await staff.of_station(joining.station_id), await stations.get(joining.station_id)
    deciders = {*found.heads, *found.stand_ins} - {joining.asked_by_id} or set(found.officers)
    elsewhere = {one.station_id for one in await _secrets_of(joining.person_id)} - {joining.station_id}
    if elsewhere or await Complaint.exists(person_id=joining.person_id):  # not every head may confirm it
        deciders |= {*found.officers, *found.city_officers}
    until = in_chinese(joining.asked_at + DECIDED_WITHIN)
    await notifications.notify(deciders, JOINING_ASKED, now=now, station=station.name, until=until)


@db.transaction
async def confirm(joining_id: int, *, by: Staff, now: datetime) -> Joining:
    """Confirm a joining that was asked for, by a head or an officer who did not ask for it.

    Raises `HeadRequired`, `OwnJoiningRequest`, `OwnJoining`, `NotWaiting`, `DeadlinePassed`, `HouseholdsDiffer`, and
    `AskerLeft` if the person who asked does not act for the station any more.
    """
    joining = await _lock_waiting(joining_id, by, now)
    await _require_may_show(joining, by)
    # What a person asked for whose role has ended since is worth nothing.
    if joining.station_id not in (await staff.of_person(joining.asked_by_id)).station_ids:
        raise AskerLeft
    await audit.note("joining.confirmed", f"joining:{joining.id}", by=by.person_id, now=now)
    await _join(joining, by=by.person_id, now=now)
    return await get(joining.id)


async def _require_may_show(joining: Joining, by: Staff) -> None:
    """Require that the caller may decide that the account reads what it comes to read.

    Raises `HeadRequired` if a confidential need or an emergency is at a station of which they are neither the head nor
    an officer, or if they took it from its readers, and `OwnJoining` if they ever worked at a station of which the
    person complained.
    """
    heads = by.head_of - by.stands_in_for.keys() | by.county_station_ids
    for need in await _secrets_of(joining.person_id):
        if not (by.is_city or need.station_id in heads) or await takings.is_taker(need, by.person_id):
            raise HeadRequired
    about = await Complaint.filter(person_id=joining.person_id).values_list("station_id", flat=True)
    worked = await Role.filter(person_id=by.person_id, station_id__in=list(about) or [0]).exists()
    if (worked or not by.stands_in_for.keys().isdisjoint(about)) and not by.is_city:
        raise OwnJoining


@db.transaction
async def refuse(joining_id: int, *, reason: str, by: Staff, now: datetime) -> Joining:
    """Refuse a joining that was asked for. Raises as `confirm`."""
    joining = await _lock_waiting(joining_id, by, now)
    await _end(joining, JoiningStatus.REFUSED, reason, now, decided_by_id=by.person_id)
    station = await stations.get(joining.station_id)
    await notifications.notify([joining.account_id], JOINING_REFUSED, now=now, station=station.name)
    await audit.note("joining.refused", f"joining:{joining.id}", by=by.person_id, now=now)
    return await get(joining.id)


@db.transaction
async def undo(joining_id: int, *, reason: str, by: Staff, now: datetime) -> Joining:
    """Undo a joining while it may be: exactly the moved rows go back, later ones stay with the account.

    Raises `HeadRequired`, `OwnJoining`, `NotUndoable`, `DeadlinePassed`.
    """
    joining = await _lock(joining_id, by, now)
    until = undoable_until(joining)
    if until is None:
        raise NotUndoable(status=joining.status)
    if now >= until:
        raise DeadlinePassed(until=until)
    await _end(joining, JoiningStatus.UNDONE, reason, now, undone_by_id=by.person_id)
    await audit.note("joining.undone", f"joining:{joining.id}", by=by.person_id, now=now, reason=reason)
    station = await stations.get(joining.station_id)
    await notifications.notify([joining.account_id], JOINING_UNDONE, now=now, station=station.name)
    await Person.filter(id=joining.person_id).update(joined_to_id=None)
    await moved_rows.back(joining, by=by.person_id, now=now)
    return await get(joining.id)


async def _end(joining: Joining, status: JoiningStatus, reason: str, now: datetime, **by: int) -> None:
    await Joining.filter(id=joining.id).update(status=status, reason=reason, ended_at=now, open=None, **by)


async def _lock_waiting(joining_id: int, by: Staff, now: datetime) -> Joining:
    joining = await _lock(joining_id, by, now)
    if joining.status != JoiningStatus.ASKED:
        raise NotWaiting(status=joining.status)
    if joining.asked_by_id == by.person_id:
        raise OwnJoiningRequest
    if now >= joining.asked_at + DECIDED_WITHIN:
        raise DeadlinePassed(until=joining.asked_at + DECIDED_WITHIN)
    return joining


async def _lock(joining_id: int, by: Staff, now: datetime) -> Joining:
    """Lock a joining of a station of which the caller is the head or an officer."""
    joining = await Joining.filter(by.of_stations(), id=joining_id).select_for_update().first()
    if joining is None:
        raise NotFound
    if not may_decide(joining, by):
        raise HeadRequired
    await _require_unrelated(joining.person_id, joining.account_id, by, now)
    return joining


async def _join(joining: Joining, *, by: int, now: datetime) -> None:
    """Join the person to the account. A verb for the person that has begun before is followed by the job."""
    await moved_rows.lock(joining.person_id)
    await cancellation.leave_double(joining.account_id, joining.person_id, now=now)
    household_id = await _require_one_household(joining.person_id, joining.account_id)
    if household_id is not None:
        await households.lock(household_id)
    await Person.filter(id=joining.person_id).update(joined_to_id=joining.account_id)
    undo_until = now + timedelta(days=await policies.number("joining_undo_days", station_id=joining.station_id))
    joined = {"status": JoiningStatus.JOINED, "decided_by_id": by, "joined_at": now, "undo_until": undo_until}
    station = await stations.get(joining.update_from_dict(joined).station_id)
    until = in_chinese(undo_until)
    await notifications.notify([joining.account_id], JOINED, now=now, station=station.name, until=until)
    await job_queue.plan(JOB_KIND, joining.id, due=now + FOLLOWS_AFTER)
    await moved_rows.to_account(joining, by=by, now=now)
    await joining.save()


async def _require_one_household(person_id: int, account_id: int) -> int | None:
    """Return the household of the person, or None. Raises `HouseholdsDiffer` if the account belongs to another one."""
    of_person, of_account = await households.of(person_id), await households.of(account_id)
    if of_person is not None and of_account not in {None, of_person}:
        raise HouseholdsDiffer
    return of_person


@db.transaction
async def follow(joining_id: int, *, now: datetime) -> None:
    """Move what was entered for the person by verbs that had begun before they were joined."""
    joining = await Joining.filter(id=joining_id, status=JoiningStatus.JOINED).select_for_update().first()
    if joining is not None:
        await moved_rows.to_account(joining, by=None, now=now)
        await joining.save()
