"""The rows and balances that a joining moves, and gives back.

What a person has is moved: needs, bookings, orders, deeds, notices, and who read about them. What they did stays as it
was written. Each moved row is listed, so that exactly these go back.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from server.database import db
from server.domain import households, job_queue, ledger, people
from server.domain.ledger import MINUTES, POINTS, Key, account_keys
from server.models import HouseholdMember, JoinedRow, Joining
from server.models.fields import new_id

# Tables and their columns of the person, in the lock order.
MOVED = {
    "need": "person_id",
    "minutes_offer": "payer_id",
    "booking": "person_id",
    "attendee": "person_id",
    "no_show": "person_id",
    "activity_rating": "person_id",
    "rating": "person_id",
    "household_member": "person_id",
    "earning": "person_id",
    "supermarket_order": "person_id",
    "complaint": "person_id",
    "reading": "person_id",
    "notice": "person_id",
}
# Rows that the account has too, from before: each person keeps theirs.
DOUBLE = {
    "attendee": "t.current = 1 AND o.current = 1 AND o.activity_id = t.activity_id",
    "activity_rating": "o.activity_id = t.activity_id",
    "household_member": "t.current = 1 AND o.current = 1",
}
# Verbs on these rows lock them before what is moved.
LOCKED = (
    "SELECT id FROM need WHERE person_id = ? ORDER BY id",
    "SELECT t.id FROM task t JOIN need n ON n.id = t.need_id WHERE n.person_id = ? AND t.open = 1 ORDER BY t.id",
    """
    SELECT a.id FROM activity a WHERE a.status IN ('published', 'running')
    AND a.id IN (SELECT activity_id FROM attendee WHERE person_id = ? AND current = 1) ORDER BY a.id
    """,
)
UNITS = (POINTS, MINUTES)
# Besides tables: open holds, which the ledger moves, and a place in a household that the account has too.
HOLD, PLACE_LEFT = "hold", "place_left"
# What the account lacked and got of the person's file, such as `given_name`; its row is the account.
GIVEN = {name: f"given_{name}" for name in people.PROFILE}


async def lock(person_id: int) -> None:
    """Lock the person's needs, their tasks, and the activities that they attend."""
    db.require_transaction()
    for statement in LOCKED:
        await db.execute(statement + db.for_update(), [person_id])


async def to_account(joining: Joining, *, by: int | None, now: datetime) -> None:
    """Move everything that the person has to the account of the locked joining. Repeated, it moves what came since."""
    await lock(joining.person_id)
    for table, column in MOVED.items():
        ids = await _theirs(table, column, joining)
        await _assign(table, column, ids, joining.account_id)
        await _list(joining, table, ids)
    await _leave_household(joining, now)
    for name in await people.complete(joining.account_id, of=joining.person_id):
        await _list(joining, GIVEN[name], [joining.account_id])
    for unit in UNITS:
        person, account = _accounts(joining, unit)
        moved = await ledger.move_all(person, account, cause=_cause(joining, unit), by=by, now=now)
        await _list(joining, HOLD, moved.hold_ids)
        setattr(joining, unit, getattr(joining, unit) + moved.amount)


async def back(joining: Joining, *, by: int, now: datetime) -> None:
    """Give back the listed rows and the moved amounts. What was spent meanwhile is the account's debt 欠."""
    await lock(joining.account_id)
    listed: dict[str, list[int]] = defaultdict(list)
    for row in await JoinedRow.filter(joining_id=joining.id).order_by("id"):
        listed[row.table_name].append(row.row_id)
    for table, column in MOVED.items():
        await _assign(table, column, sorted(listed[table]), joining.person_id)
    await people.take_back(joining.account_id, [name for name in GIVEN if listed[GIVEN[name]]])
    await HouseholdMember.filter(id__in=listed[PLACE_LEFT] or [0]).update(current=1, left_at=None)
    for person_id in (joining.person_id, joining.account_id):
        await job_queue.plan(households.LEFT_JOB, person_id, due=now)
    for unit in UNITS:
        person, account = _accounts(joining, unit)
        give = ledger.GiveBack(
            source=account,
            target=person,
            debt=account_keys.debt(joining.account_id, unit),
            amount=getattr(joining, unit),
            hold_ids=listed[HOLD],
            cause=_cause(joining, unit),
        )
        await ledger.give_back(give, by=by, now=now)


async def _theirs(table: str, column: str, joining: Joining) -> list[int]:
    """Lock the person's rows and return their ids, without those that the account has too."""
    statement, values = f"SELECT t.id FROM {table} t WHERE t.{column} = ?", [joining.person_id]  # noqa: S608
    if table in DOUBLE:
        statement += f" AND NOT EXISTS (SELECT 1 FROM {table} o WHERE o.person_id = ? AND {DOUBLE[table]})"  # noqa: S608
        values.append(joining.account_id)
    return [row["id"] for row in (await db.execute(f"{statement} ORDER BY t.id{db.for_update()}", values))[1]]


async def _assign(table: str, column: str, ids: Sequence[int], person_id: int) -> None:
    if ids:
        statement = f"UPDATE {table} SET {column} = ? WHERE id IN ({db.placeholders(ids)})"  # noqa: S608 - names of ours
        await db.execute(statement, [person_id, *ids])


async def _list(joining: Joining, table: str, ids: Sequence[int]) -> None:
    if ids:
        columns = ({"joining_id": joining.id, "table_name": table, "row_id": one} for one in ids)
        await JoinedRow.bulk_create([JoinedRow(**one) for one in columns])


async def _leave_household(joining: Joining, now: datetime) -> None:
    """End the person's place in the household that the account belongs to: nobody belongs to it twice.

    The account has belonged to it as long as the person.
    """
    left = await HouseholdMember.filter(person_id=joining.person_id, current=1).values_list("id", flat=True)
    for place in await HouseholdMember.filter(id__in=list(left) or [0]):
        theirs = HouseholdMember.filter(person_id=joining.account_id, household_id=place.household_id, current=1)
        await theirs.filter(joined_at__gt=place.joined_at).update(joined_at=place.joined_at)
    await HouseholdMember.filter(id__in=list(left) or [0]).update(current=None, left_at=now)
    if left:  # the account may have come to the household after a merge
        await job_queue.plan(households.LEFT_JOB, joining.account_id, due=now)
    await _list(joining, PLACE_LEFT, list(left))  # type: ignore[arg-type]


def _accounts(joining: Joining, unit: str) -> tuple[Key, Key]:
    """Return the accounts of the person and of the account on the phone."""
    return account_keys.person(joining.person_id, unit), account_keys.person(joining.account_id, unit)


def _cause(joining: Joining, unit: str) -> str:
    return f"joining:{joining.id}:{unit}:{new_id()}"
