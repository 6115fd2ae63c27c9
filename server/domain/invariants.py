"""Invariants of the database: each has a name and a SQL statement that finds the rows that break it.

They are checked on a live database. The ledger has its own audit.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.database import db
from server.domain.joinings import joining, moved_rows
from server.domain.needs import access, partings, rerouting
from server.domain.needs import transitions as needs
from server.domain.tasks import transitions as tasks
from server.models import BOOKINGS_CURRENT

ROWS_AT_ONCE = 10_000
IDS_SHOWN = 5


def _quoted(statuses: Collection[Any]) -> str:
    return ", ".join(f"'{one}'" for one in sorted(statuses))


CURRENT, UNENDED = _quoted(BOOKINGS_CURRENT), _quoted(needs.OPEN)


@dataclass(frozen=True)
class Invariant:
    """A statement that finds the rows of `table` that break the invariant; `{these}` limits it to some rows `t`."""

    table: str
    statement: str


def _forbidden_change(events: str, transitions: Mapping[Any, frozenset[Any]]) -> Invariant:
    """Find lines of a timeline whose status change is not in the table of transitions."""
    allowed = " OR ".join(
        f"(t.from_status = '{before}' AND t.to_status IN ({_quoted(after)}))"
        for before, after in transitions.items()
        if after
    )
    found = f"SELECT t.id FROM {events} t WHERE {{these}} AND t.from_status IS NOT NULL AND NOT ({allowed})"  # noqa: S608
    return Invariant(events, found)


def _gap(table: str, events: str) -> Invariant:
    """Find timelines that are not numbered from one to the row's `event_count` without a gap."""
    found = f"""
        SELECT t.id FROM {table} t LEFT JOIN {events} e ON e.{table}_id = t.id WHERE {{these}}
        GROUP BY t.id, t.event_count
        HAVING COUNT(e.id) <> t.event_count OR COALESCE(MAX(e.number), 0) <> t.event_count
    """  # noqa: S608 - names of ours
    return Invariant(table, found)


def _wrong_status(table: str, events: str) -> Invariant:
    """Find rows whose status is not the last one of their timeline."""
    found = f"""
        SELECT t.id FROM {table} t JOIN {events} e ON e.{table}_id = t.id
        WHERE {{these}} AND e.to_status IS NOT NULL AND e.to_status <> t.status AND e.number = (
            SELECT MAX(l.number) FROM {events} l WHERE l.{table}_id = t.id AND l.to_status IS NOT NULL)
    """  # noqa: S608 - names of ours
    return Invariant(table, found)


_ANYTHING = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} r WHERE r.{column} = t.person_id)"  # noqa: S608 - names of ours
    for table, column in moved_rows.MOVED.items()
    if table not in {*moved_rows.DOUBLE, "notice", "reading"}  # these may come later, and move nothing
)


# Each is checked on one range of ids at a time.
INVARIANTS: dict[str, Invariant] = {
    "an account is disabled exactly while its person is shut out": Invariant(
        "person",
        """
        SELECT t.id FROM person t LEFT JOIN shut_out s ON s.person_id = t.id AND s.open = 1
        WHERE {these} AND (t.disabled_at IS NOT NULL) <> (s.id IS NOT NULL)
        """,
    ),
    "a person who is shut out has no session": Invariant(
        "shut_out",
        """
        SELECT t.id FROM shut_out t JOIN session s ON s.person_id = t.person_id AND s.revoked_at IS NULL
        WHERE {these} AND t.open = 1 AND s.expires_at > t.shut_out_at
        """,
    ),
    "a person who is shut out has no role of staff": Invariant(
        "shut_out",
        """
        SELECT t.id FROM shut_out t JOIN role r ON r.person_id = t.person_id AND r.current = 1
        WHERE {these} AND t.open = 1 AND r.kind <> 'volunteer'
        """,
    ),
    "a person is joined exactly while a joining of theirs is in force": Invariant(
        "person",
        """
        SELECT t.id FROM person t LEFT JOIN joining j ON j.person_id = t.id AND j.open = 1 AND j.status = 'joined'
        WHERE {these} AND COALESCE(t.joined_to_id, 0) <> COALESCE(j.account_id, 0)
        """,
    ),
    "a joined person has nothing, or a job is about to move it": Invariant(
        "joining",
        f"""
        SELECT t.id FROM joining t WHERE {{these}} AND t.status = 'joined' AND ({_ANYTHING}) AND NOT EXISTS (
            SELECT 1 FROM job j WHERE j.kind = '{joining.JOB_KIND}' AND j.subject = CAST(t.id AS CHAR)
            AND j.state = 'waiting')
        """,  # noqa: S608 - names of ours
    ),
    "the station of an open need is open, or a job is about to move the need": Invariant(
        "need",
        f"""
        SELECT t.id FROM need t JOIN station s ON s.id = t.station_id
        WHERE {{these}} AND t.status IN ({UNENDED}) AND s.status <> 'open' AND NOT EXISTS (
            SELECT 1 FROM job j WHERE j.kind = '{rerouting.JOB_KIND}' AND j.subject = CAST(s.id AS CHAR)
            AND j.state = 'waiting' AND s.status IN ('suspended', 'closing'))
        """,  # noqa: S608 - names of ours
    ),
    "a merged need leads to one that is not merged, at the same station": Invariant(
        "need",
        """
        SELECT t.id FROM need t LEFT JOIN need g ON g.id = t.merged_into_id
        WHERE {these} AND ((t.status = 'merged') <> (g.id IS NOT NULL)
            OR g.status = 'merged' OR g.station_id <> t.station_id)
        """,
    ),
    "the people of a merged need live together, or a job is about to part it": Invariant(
        "need",
        f"""
        SELECT t.id FROM need t JOIN need n ON n.id = t.merged_into_id
        WHERE {{these}} AND n.status <> 'closed' AND NOT {access.LIVE_TOGETHER.replace("m.", "t.")} AND NOT EXISTS (
            SELECT 1 FROM job j WHERE j.kind = '{partings.JOB_KIND}'
            AND j.subject IN (CAST(t.person_id AS CHAR), CAST(n.person_id AS CHAR)))
        """,  # noqa: S608 - names of ours
    ),
    "a need counts the needs that were merged into it": Invariant(
        "need",
        "SELECT t.id FROM need t WHERE {these}"
        " AND t.joined_needs <> (SELECT COUNT(*) FROM need m WHERE m.merged_into_id = t.id)",
    ),
    "the timeline of a need has no gap": _gap("need", "need_event"),
    "the status of a need is the last one of its timeline": _wrong_status("need", "need_event"),
    "every status change of a need is allowed": _forbidden_change("need_event", needs.TRANSITIONS),
    "the next deadline of a need is that of its state": Invariant(
        "need",
        f"""
        SELECT t.id FROM need t WHERE {{these}} AND (
            t.due_rank <> CASE WHEN t.status NOT IN ({UNENDED}) THEN 2 WHEN t.urgency = 'emergency' THEN 0 ELSE 1 END
            OR t.next_due_at <> CASE WHEN t.accepted_at IS NULL THEN t.response_due_at ELSE t.completion_due_at END)
        """,  # noqa: S608 - names of ours
    ),
    "a need has one open referral exactly while it is referred": Invariant(
        "need",
        """
        SELECT t.id FROM need t LEFT JOIN referral r ON r.need_id = t.id AND r.open = 1
        WHERE {these} AND ((t.status = 'referred') <> (r.id IS NOT NULL)
            OR COALESCE(t.referred_to_id, 0) <> COALESCE(r.to_station_id, 0))
        """,
    ),
    "a need in progress has an assignee": Invariant(
        "need",
        "SELECT t.id FROM need t WHERE {these} AND t.status IN ('assigned', 'in_progress') AND t.assignee_id IS NULL",
    ),
    "an alert that nobody acknowledged rings": Invariant(
        "crisis_alert",
        """
        SELECT t.id FROM crisis_alert t JOIN need n ON n.id = t.need_id JOIN crisis_ring r ON r.id = t.ring_id
        WHERE {these} AND t.acknowledged_at IS NULL AND n.status NOT IN ('withdrawn', 'merged') AND NOT EXISTS (
            SELECT 1 FROM job j WHERE j.kind = 'sound_crisis' AND j.subject = CAST(r.id AS CHAR)
            AND j.state = 'waiting' AND r.current = 1)
        """,
    ),
    "a person is never on duty twice at a time": Invariant(
        "duty_shift",
        """
        SELECT t.id FROM duty_shift t JOIN duty_shift o ON o.person_id = t.person_id AND o.id > t.id
        WHERE {these} AND t.status IN ('accepted', 'handed_over') AND o.status IN ('accepted', 'handed_over')
        AND t.starts_at < o.ends_at AND o.starts_at < t.ends_at
        """,
    ),
    "an area has one station for each level at any time": Invariant(
        "coverage",
        """
        SELECT t.id FROM coverage t JOIN coverage o ON o.area_id = t.area_id AND o.level = t.level AND o.id > t.id
        WHERE {these} AND (t.valid_until IS NULL OR t.valid_until > o.valid_from)
        AND (o.valid_until IS NULL OR o.valid_until > t.valid_from)
        """,
    ),
    "there is one city desk": Invariant(
        "station",
        """
        SELECT t.id FROM station t JOIN station o ON o.level = t.level AND o.id > t.id
        WHERE {these} AND t.level = 'city_desk'
        """,
    ),
    "the timeline of a task has no gap": _gap("task", "task_event"),
    "the status of a task is the last one of its timeline": _wrong_status("task", "task_event"),
    "every status change of a task is allowed": _forbidden_change("task_event", tasks.TRANSITIONS),
    "an ended task has no open hold": Invariant(
        "task",
        """
        SELECT t.id FROM task t JOIN hold h ON h.id = t.hold_id
        WHERE {these} AND t.open IS NULL AND h.state = 'open'
        """,
    ),
    "an order holds points and goods exactly while it is open": Invariant(
        "supermarket_order",
        """
        SELECT t.id FROM supermarket_order t JOIN order_line l ON l.order_id = t.id
        JOIN hold p ON p.id = t.hold_id JOIN hold g ON g.id = l.hold_id
        WHERE {these} AND ((t.open IS NOT NULL) <> (p.state = 'open') OR g.state <> p.state)
        """,
    ),
    "service records of a volunteer do not overlap": Invariant(
        "service_record",
        """
        SELECT t.id FROM service_record t JOIN service_record o ON o.volunteer_id = t.volunteer_id AND o.id <> t.id
        WHERE {these} AND t.counts = 1 AND o.counts = 1 AND t.started_at < o.ended_at AND o.started_at < t.ended_at
        """,
    ),
    "no service record is approved by its volunteer": Invariant(
        "service_record",
        """
        SELECT t.id FROM service_record t
        WHERE {these} AND t.volunteer_id IN (t.approved_by_id, t.confirmed_by_id, t.reviewed_by_id)
        """,
    ),
    "the seat count of an activity matches its bookings": Invariant(
        "activity",
        """
        SELECT t.id FROM activity t LEFT JOIN booking b ON b.activity_id = t.id AND b.post_id IS NULL
        WHERE {these} AND t.status = 'published' GROUP BY t.id, t.seats_taken, t.seats_held, t.waiting
        HAVING SUM(CASE WHEN b.status IN ('booked', 'attended') THEN b.size ELSE 0 END) <> t.seats_taken
        OR SUM(CASE WHEN b.status = 'offered' THEN b.size ELSE 0 END) <> t.seats_held
        OR SUM(CASE WHEN b.status = 'waiting' THEN 1 ELSE 0 END) <> t.waiting
        """,
    ),
    "the numbers of a waiting list have no gap": Invariant(
        "activity",
        """
        SELECT t.id FROM activity t LEFT JOIN booking b ON b.activity_id = t.id WHERE {these}
        GROUP BY t.id, t.last_number HAVING COUNT(b.id) <> t.last_number OR COALESCE(MAX(b.number), 0) <> t.last_number
        """,
    ),
    "a booking at the end of the waiting list has a reason for it": Invariant(
        "booking",
        """
        SELECT t.id FROM booking t LEFT JOIN attendee p ON p.booking_id = t.id AND p.current = 1
        LEFT JOIN no_show n ON n.person_id = p.person_id AND n.exemption IS NULL
        WHERE {these} AND t.status = 'waiting' AND t.penalty_until IS NOT NULL GROUP BY t.id HAVING COUNT(n.id) = 0
        """,
    ),
    "the place count of a post matches its bookings": Invariant(
        "post",
        """
        SELECT t.id FROM post t JOIN activity a ON a.id = t.activity_id AND a.status = 'published'
        LEFT JOIN booking b ON b.post_id = t.id AND b.status IN ('booked', 'attended')
        WHERE {these} GROUP BY t.id, t.taken HAVING COUNT(b.id) <> t.taken
        """,
    ),
    "the seat count of a booking matches its people": Invariant(
        "booking",
        f"""
        SELECT t.id FROM booking t LEFT JOIN attendee p ON p.booking_id = t.id AND p.current = 1
        WHERE {{these}} AND t.status IN ({CURRENT}) GROUP BY t.id, t.size HAVING COUNT(p.id) <> t.size
        """,  # noqa: S608 - names of ours
    ),
    "a person who left a booking has no seat": Invariant(
        "attendee",
        f"""
        SELECT t.id FROM attendee t JOIN booking b ON b.id = t.booking_id
        WHERE {{these}} AND t.current = 1 AND b.status NOT IN ({CURRENT})
        """,  # noqa: S608 - names of ours
    ),
    "a booking has one open offer exactly while it is offered": Invariant(
        "booking",
        """
        SELECT t.id FROM booking t LEFT JOIN seat_offer o ON o.booking_id = t.id AND o.open = 1
        WHERE {these} AND (t.status = 'offered') <> (o.id IS NOT NULL)
        """,
    ),
    "an ended activity has no waiting list": Invariant(
        "booking",
        """
        SELECT t.id FROM booking t JOIN activity a ON a.id = t.activity_id
        WHERE {these} AND a.status IN ('finished', 'cancelled') AND t.status IN ('waiting', 'offered')
        """,
    ),
    "no venue is used twice at the same time": Invariant(
        "venue_use",
        """
        SELECT t.id FROM venue_use t JOIN venue_use o ON o.venue_id = t.venue_id AND o.id <> t.id
        WHERE {these} AND t.released_at IS NULL AND o.released_at IS NULL
        AND t.starts_at < o.ends_at AND o.starts_at < t.ends_at
        """,
    ),
}


@dataclass
class Report:
    """A report: how many invariants were checked, and the ids of the rows that break each broken one."""

    checked: int = 0
    broken: dict[str, list[int]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.broken

    def __str__(self) -> str:
        if self.holds:
            return f"All {self.checked} invariants hold."
        return "\n".join(f"BROKEN: {name}: {_shown(ids)}" for name, ids in self.broken.items())


def _shown(ids: list[int]) -> str:
    more = f" and {len(ids) - IDS_SHOWN:,} more" if len(ids) > IDS_SHOWN else ""
    return ", ".join(map(str, ids[:IDS_SHOWN])) + more


async def check() -> Report:
    """Check every invariant while the database is in use. Each statement reads one moment of some thousand rows."""
    report = Report()
    for name, invariant in INVARIANTS.items():
        report.checked += 1
        async for first, last in _ranges(invariant.table):
            # An unfinished change of two tables is not found: each statement reads one committed state.
            _, rows = await db.execute(invariant.statement.format(these="t.id BETWEEN ? AND ?"), [first, last])
            if rows:
                report.broken.setdefault(name, []).extend(int(row["id"]) for row in rows)
    return report


async def _ranges(table: str) -> AsyncIterator[tuple[int, int]]:
    """Yield the ranges of the table's ids, `ROWS_AT_ONCE` rows each."""
    last = -1
    while True:
        page = f"SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT {ROWS_AT_ONCE}"  # noqa: S608 - a name of ours
        _, rows = await db.execute(f"SELECT MIN(id) first, MAX(id) last FROM ({page}) page", [last])  # noqa: S608
        if rows[0]["last"] is None:
            return
        first, last = int(rows[0]["first"]), int(rows[0]["last"])
        yield first, last
