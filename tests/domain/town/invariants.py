"""Invariants of the town, checked on its rows, whatever verbs ran, were refused, repeated or ran at once."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from server.database import db
from server.domain import ledger
from server.domain.ledger import account_keys
from server.domain.service_records.time_spans import Span
from server.domain.working_time import SHANGHAI
from tests.domain.ledger import moving
from tests.domain.town import HOUSEHOLD_LIMIT, PERSON_LIMIT

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

TABLES = (
    *("need", "need_event", "minutes_offer", "task", "task_event", "dispute", "service_record", "volunteer", "earning"),
    *("supermarket_order", "order_line", "donation", "stock_taking", "good", "notice", "audit_entry", "job"),
)
MOST_A_DAY = 600
POINTS_A_DAY = {"hour": 60, "deed": 10}
ENDED_BY = {"handed_over": "captured", "cancelled": "released", "expired": "expired"}


async def read_rows() -> Rows:
    """Return all rows that a verb may change."""
    others = {table: (await db.execute(f"SELECT * FROM {table} ORDER BY id"))[1] for table in TABLES}
    return {**await moving.rows(), **others}


async def check_invariants(rows: Rows) -> None:
    """Fail unless every invariant holds."""
    report = await ledger.audit()
    assert report.holds, str(report)
    for invariant in INVARIANTS:
        invariant(rows)


def balances_cover_holds(rows: Rows) -> None:
    for row in rows["account"]:
        assert row["may_overdraw"] or row["balance"] - row["held"] >= 0, row["owner"]


def served_minutes_are_approved_minutes(rows: Rows) -> None:
    served = _sums(_of(rows["service_record"], status="approved"), "minutes", "volunteer_id")
    for row in rows["volunteer"]:
        assert row["served_minutes"] == served[row["person_id"],]


def ended_tasks_hold_nothing_and_approved_ones_are_paid(rows: Rows) -> None:
    """An approved task captured the served minutes, up to its hold; other tasks captured nothing."""
    holds, records = _by("id", rows["hold"]), _by("task_id", rows["service_record"])
    for task in rows["task"]:
        if (held := holds.get(task["hold_id"])) is None:
            continue
        assert task["open"] or held["state"] != "open", task["status"]
        approved = task["status"] == "approved" and held["state"] != "expired"
        assert held["captured"] == (min(held["amount"], records[task["id"]]["minutes"]) if approved else 0)


def records_have_minutes_and_reversed_ones_returned_them(rows: Rows) -> None:
    tasks, transfers = _by("id", rows["task"]), _by("cause", rows["transfer"])
    undone = {row["reverses_id"] for row in rows["transfer"]}
    for row in rows["service_record"]:
        issued = transfers.get(f"service_record:{row['id']}:approved")
        assert row["spendable_minutes"] == (issued["amount"] if issued else 0)
        assert issued is None or row["status"] in {"approved", "reversed"}
        task = tasks.get(row["task_id"])
        paid = transfers.get(f"hold:{task['hold_id']}:captured") if task else None
        for moved in filter(None, (issued, paid)):
            assert (moved["id"] in undone) == (row["status"] == "reversed")


def service_does_not_overlap_and_stays_below_daily_limit(rows: Rows) -> None:
    counted = sorted(_of(rows["service_record"], counts=1), key=lambda row: (row["volunteer_id"], row["started_at"]))
    for row, following in pairwise(counted):
        assert row["volunteer_id"] != following["volunteer_id"] or row["ended_at"] <= following["started_at"]
    served: Counter[Any] = Counter()
    for row in counted:
        days = Span(_moment(row["started_at"]), _moment(row["ended_at"])).days
        for day in days:
            # A record over midnight does not say how many minutes are of which day: count the least possible for each day.
            elsewhere = sum(min(minutes, MOST_A_DAY) for other, minutes in days.items() if other != day)
            served[row["volunteer_id"], day] += max(0, row["minutes"] - elsewhere)
    assert max(served.values(), default=0) <= MOST_A_DAY


def points_stay_below_limits_and_follow_their_record(rows: Rows) -> None:
    granted = _of(rows["earning"], status="granted")
    for (kind, *_), points in _sums(granted, "points", "kind", "person_id", "day").items():
        assert points <= POINTS_A_DAY[kind]
    undone = {row["reverses_id"] for row in rows["transfer"]}
    moved = {row["cause"]: row["amount"] for row in rows["transfer"] if row["id"] not in undone}
    assert {cause: moved[cause] for cause in moved if cause.startswith("earning:")} == {
        f"earning:{row['id']}": row["points"] for row in granted
    }
    states = {f"service_record:{row['id']}": row["status"] for row in rows["service_record"]}
    for row in _of(rows["earning"], kind="hour"):
        assert (row["status"], states[row["cause"]]) in {("granted", "approved"), ("reversed", "reversed")}


def open_orders_hold_everything_and_ended_ones_nothing(rows: Rows) -> None:
    holds, lines = _by("id", rows["hold"]), defaultdict(list)
    for line in rows["order_line"]:
        lines[line["order_id"]].append(line)
    for order in rows["supermarket_order"]:
        state = "open" if order["open"] else ENDED_BY[order["status"]]
        promised = [
            (order["hold_id"], order["points"]),
            *((row["hold_id"], row["pieces"]) for row in lines[order["id"]]),
        ]
        for hold_id, amount in promised:
            held, paid = holds[hold_id], amount if state == "captured" else 0
            assert (held["state"], held["amount"], held["captured"]) == (state, amount, paid)


def orders_stay_below_monthly_limits(rows: Rows) -> None:
    orders, goods = _by("id", rows["supermarket_order"]), _by("id", rows["good"])
    had: Counter[Any] = Counter()
    for line in rows["order_line"]:
        order = orders[line["order_id"]]
        if goods[line["good_id"]]["person_month_limit"] and order["status"] not in {"cancelled", "expired"}:
            month = f"{_moment(order['placed_at']).astimezone(SHANGHAI):%Y-%m}"
            had[PERSON_LIMIT, order["person_id"], month] += line["pieces"]
            had[HOUSEHOLD_LIMIT, order["household_id"], month] += line["pieces"]
    for (limit, *_), pieces in had.items():
        assert pieces <= limit


def shelf_balance_matches_deliveries_and_orders(rows: Rows) -> None:
    """The balance is donations plus differences of stock-taking minus pieces handed over."""
    handed_over = {row["id"] for row in _of(rows["supermarket_order"], status="handed_over")}
    there = {(row["owner"], row["unit"]): row["balance"] for row in rows["account"]}
    given = _sums(_of(rows["donation"], reversed_at=None), "pieces", "good_id")
    went = _sums((row for row in rows["order_line"] if row["order_id"] in handed_over), "pieces", "good_id")
    counted, expected = (_sums(rows["stock_taking"], f"{name}_pieces", "good_id") for name in ("counted", "expected"))
    for good in rows["good"]:
        key, which = account_keys.shelf(good["id"]), (good["id"],)
        pieces = given[which] + counted[which] - expected[which] - went[which]
        assert there.get((key.owner, key.unit), 0) == pieces


INVARIANTS: Sequence[Callable[[Rows], None]] = (
    balances_cover_holds,
    served_minutes_are_approved_minutes,
    ended_tasks_hold_nothing_and_approved_ones_are_paid,
    records_have_minutes_and_reversed_ones_returned_them,
    service_does_not_overlap_and_stays_below_daily_limit,
    points_stay_below_limits_and_follow_their_record,
    open_orders_hold_everything_and_ended_ones_nothing,
    orders_stay_below_monthly_limits,
    shelf_balance_matches_deliveries_and_orders,
)


def _of(rows: Iterable[Row], **which: Any) -> list[Row]:
    return [row for row in rows if all(row[name] == value for name, value in which.items())]


def _by(column: str, rows: Iterable[Row]) -> dict[Any, Row]:
    return {row[column]: row for row in rows}


def _sums(rows: Iterable[Row], column: str, *by: str) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        found[tuple(row[name] for name in by)] += row[column]
    return found


def _moment(value: str | datetime) -> datetime:
    """Return a moment from the database, which is in UTC without an offset."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
