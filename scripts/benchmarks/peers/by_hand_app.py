"""The four acts by hand: Sanic, aiomysql and SQL as a careful developer would write it. No ORM and no validation.

Run by the server's own Python as `python -m scripts.benchmarks.peers.by_hand_app PORT DATABASE_URL`.
"""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiomysql
from sanic import HTTPResponse, Request, Sanic, json
from sanic.exceptions import NotFound, SanicException

from scripts.benchmarks.peers import words

CONNECTIONS = 10
Row = dict[str, Any]

NEED = """
    SELECT n.id, n.status, c.code category, c.name category_name, n.text, n.urgency, s.id station_id,
        s.name station_name, s.phone station_phone, n.submitted_at, n.response_due_at, n.completion_due_at,
        n.slip_code, n.route, a.name area, n.contact_name, n.contact_phone, n.at_home, n.place, n.relation,
        n.help_times, n.outcome, n.escalated_at, n.merged_into_id
    FROM need n JOIN category c ON c.id = n.category_id JOIN station s ON s.id = n.station_id
    JOIN area a ON a.id = n.area_id WHERE n.id = %s AND n.person_id = %s
"""
TIMELINE = """
    SELECT e.at, e.actor_id, p.name actor, s.name station, e.text, e.to_status
    FROM need_event e LEFT JOIN person p ON p.id = e.actor_id LEFT JOIN station s ON s.id = e.station_id
    WHERE e.need_id = %s ORDER BY e.number
"""
NEEDS = """
    SELECT n.id, n.status, c.code category, c.name category_name, c.confidential, n.urgency, s.id station_id,
        s.name station_name, s.phone station_phone, a.name area, n.contact_name, n.contact_phone, n.text,
        p.name assignee, n.assignee_id, n.submitted_at, n.response_due_at, n.completion_due_at, n.next_due_at, n.urgings
    FROM need n JOIN category c ON c.id = n.category_id JOIN station s ON s.id = n.station_id
    JOIN area a ON a.id = n.area_id LEFT JOIN person p ON p.id = n.assignee_id
    WHERE n.station_id = %s ORDER BY n.submitted_at DESC, n.id DESC LIMIT %s
"""
COUNTS = "SELECT status, COUNT(*) number FROM need WHERE station_id = %s GROUP BY status"
HOME = "SELECT p.name, p.home_id, a.name home FROM person p JOIN area a ON a.id = p.home_id WHERE p.id = %s"
CATEGORY = "SELECT id, code, name FROM category WHERE code = %s AND active = 1"
STATION = "SELECT id, name, phone FROM station WHERE id = %s"
STAFF = "SELECT DISTINCT person_id FROM role WHERE station_id = %s AND current = 1 AND kind IN (%s, %s)"
NEW_NEED = """
    INSERT INTO need (id, status, urgency, channel, text, contact_name, contact_phone, at_home, place, relation,
        help_times, may_share_contact, route, slip_code, outcome, submitted_at, response_due_at, completion_due_at,
        next_due_at, due_rank, joined_needs, urgings, times_returned, reopenings, event_count, decided_by_head,
        area_id, category_id, person_id, station_id, submitted_by_id)
    VALUES (%s, 'submitted', %s, 'phone_app', %s, %s, %s, 0, '', '', '', 0, %s, %s, '', %s, %s, %s, %s, %s, 0, 0, 0, 0,
        1, 0, %s, %s, %s, %s, %s)
"""
NEW_EVENT = """
    INSERT INTO need_event (number, at, kind, to_status, text, note, service_minutes, actor_id, need_id, station_id)
    VALUES (1, %s, 'submitted', 'submitted', %s, '', 0, %s, %s, %s)
"""
NEW_JOB = """
    INSERT INTO job (kind, subject, due_at, leased_until, lease, attempts, state, last_error)
    VALUES ('watch_need', %s, %s, %s, '', 0, 'waiting', '')
"""
NEW_NOTICES = """
    INSERT INTO notice (id, template, title, body, subject_kind, subject_id, created_at, person_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""  # one statement for all: the driver joins rows that are placeholders only
TAKE_SEAT = """
    UPDATE activity SET seats_taken = seats_taken + 1, last_number = last_number + 1
    WHERE id = %s AND status = 'published' AND booking_opens_at <= %s AND booking_closes_at > %s
        AND seats_taken + seats_held < seats
"""
ACTIVITY = """
    SELECT a.id, a.title, a.place, a.starts_at, a.ends_at, a.end_reason, a.cancellation_until, a.last_number,
        s.id station_id, s.name station_name, s.phone station_phone
    FROM activity a JOIN station s ON s.id = a.station_id WHERE a.id = %s
"""
NAME = "SELECT name FROM person WHERE id = %s"
NEW_BOOKING = """
    INSERT INTO booking (id, status, channel, size, number, answers, booked_at, seated_at, late, reason, activity_id,
        booked_by_id, person_id)
    VALUES (%s, 'booked', 'phone_app', 1, %s, '', %s, %s, 0, '', %s, %s, %s)
"""
NEW_ATTENDEE = (
    "INSERT INTO attendee (id, name, current, activity_id, booking_id, person_id) VALUES (%s, '', 1, %s, %s, %s)"
)

app: Sanic[Any, Any] = Sanic("by_hand", configure_logging=False)


@app.before_server_start
async def connect(app: Sanic[Any, Any]) -> None:
    parts = urlsplit(sys.argv[2])
    app.ctx.pool = await aiomysql.create_pool(
        host=parts.hostname,
        port=parts.port,
        user=parts.username,
        db=parts.path.lstrip("/"),
        charset="utf8mb4",
        minsize=CONNECTIONS,
        maxsize=CONNECTIONS,
        autocommit=True,
        cursorclass=aiomysql.DictCursor,
        init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    )


@app.after_server_stop
async def disconnect(app: Sanic[Any, Any]) -> None:
    app.ctx.pool.close()
    await app.ctx.pool.wait_closed()


@asynccontextmanager
async def transaction() -> AsyncIterator[Any]:
    """Give a cursor whose statements are one transaction."""
    async with app.ctx.pool.acquire() as link, link.cursor() as cursor:
        await link.begin()
        try:
            yield cursor
        except BaseException:
            await link.rollback()
            raise
        await link.commit()


async def rows(cursor: Any, query: str, *values: Any) -> Sequence[Row]:
    await cursor.execute(query, values)
    found: Sequence[Row] = await cursor.fetchall()
    return found


async def row(cursor: Any, query: str, *values: Any) -> Row:
    found = await rows(cursor, query, *values)
    if not found:
        raise NotFound
    return found[0]


def caller(request: Request) -> int:
    return int(request.headers["authorization"].removeprefix("Bearer "))


@app.get("/api/v1/needs/<need_id:int>")
async def get_need(request: Request, need_id: int) -> HTTPResponse:
    async with app.ctx.pool.acquire() as link, link.cursor() as cursor:
        need = await row(cursor, NEED, need_id, caller(request))
        timeline = await rows(cursor, TIMELINE, need_id)
    return json(detail_of(need, timeline, caller(request)))


@app.get("/api/v1/station/needs")
async def list_needs(request: Request) -> HTTPResponse:
    station = int(request.args["station"][0])
    async with app.ctx.pool.acquire() as link, link.cursor() as cursor:
        needs = await rows(cursor, NEEDS, station, words.PAGE)
        counted = await rows(cursor, COUNTS, station)
    now = words.now()
    following = f"{needs[-1]['submitted_at'].isoformat()}_{needs[-1]['id']}" if len(needs) == words.PAGE else None
    counts = words.counts((one["status"], one["number"]) for one in counted)
    return json({"items": [row_of(need, now) for need in needs], "next": following, "counts": counts})


@app.post("/api/v1/needs")
async def submit_need(request: Request) -> HTTPResponse:
    body, person_id, now = request.json, caller(request), words.now()
    async with transaction() as cursor:
        person = await row(cursor, HOME, person_id)
        category = await row(cursor, CATEGORY, body["category"])
        station = await row(cursor, STATION, body["station_id"])
        need = _new_need(body, person, category, station, now)
        route, dues = need["route"], (need["response_due_at"], need["completion_due_at"])
        told = [body.get("urgency", "normal"), body["text"], body["contact_name"], body["contact_phone"]]
        values = [need["id"], *told, route, need["slip_code"], now, *dues, dues[0], words.due_rank(told[0])]
        places = [person["home_id"], category["id"], person_id, station["id"], person_id]
        await cursor.execute(NEW_NEED, values + places)
        text = words.submitted(route)
        await cursor.execute(NEW_EVENT, (now, text, person_id, need["id"], station["id"]))
        await cursor.execute(NEW_JOB, (str(need["id"]), dues[0], dues[0]))
        await _notify_staff(cursor, station["id"], need["id"], now)
    event = {"at": now, "actor_id": person_id, "actor": person["name"], "station": station["name"]}
    timeline = [event | {"text": text, "to_status": "submitted"}]
    return json(detail_of(need, timeline, person_id), status=201)


def _new_need(body: Row, person: Row, category: Row, station: Row, now: datetime) -> Row:
    return {
        "id": words.new_id(),
        "status": "submitted",
        "category": category["code"],
        "category_name": category["name"],
        "text": body["text"],
        "urgency": body.get("urgency", "normal"),
        "station_id": station["id"],
        "station_name": station["name"],
        "station_phone": station["phone"],
        "submitted_at": now,
        "response_due_at": now + words.RESPONSE,
        "completion_due_at": now + words.COMPLETION,
        "slip_code": words.new_slip_code(),
        "route": words.route_to(station["name"]),
        "area": person["home"],
        "contact_name": body["contact_name"],
        "contact_phone": body["contact_phone"],
        "at_home": False,
        "place": "",
        "relation": "",
        "help_times": "",
        "outcome": "",
        "escalated_at": None,
        "merged_into_id": None,
    }


async def _notify_staff(cursor: Any, station_id: int, need_id: int, now: datetime) -> None:
    staff = await rows(cursor, STAFF, station_id, *words.STAFF_KINDS)
    notice = ("need_submitted", words.NOTICE_TITLE, words.NOTICE_BODY, "need", need_id, now)
    await cursor.executemany(NEW_NOTICES, [(words.new_id(), *notice, one["person_id"]) for one in staff])


@app.post("/api/v1/activities/<activity_id:int>/bookings")
async def book(request: Request, activity_id: int) -> HTTPResponse:
    person_id, now = caller(request), words.now()
    booking_id, attendee_id = words.new_id(), words.new_id()
    async with transaction() as cursor:
        if not await cursor.execute(TAKE_SEAT, (activity_id, now, now)):
            raise SanicException(status_code=409)
        activity = await row(cursor, ACTIVITY, activity_id)
        person = await row(cursor, NAME, person_id)
        booking = (booking_id, activity["last_number"], now, now, activity_id, person_id, person_id)
        await cursor.execute(NEW_BOOKING, booking)
        await cursor.execute(NEW_ATTENDEE, (attendee_id, activity_id, booking_id, person_id))
    attendee = {"id": attendee_id, "person_id": person_id, "name": person["name"], "ticket": None}
    attendee |= {"checked_in_at": None}
    return json(booking_of(booking_id, activity, attendee, now), status=201)


def station_of(found: Row) -> Row:
    return {"id": found["station_id"], "name": found["station_name"], "phone": found["station_phone"]}


COPIED = (
    "id", "status", "category", "category_name", "text", "urgency", "slip_code", "route", "area", "contact_name",
    "contact_phone", "place", "relation", "help_times", "outcome", "merged_into_id",
)  # fmt: skip
COPIED_IN_LIST = (
    "id", "status", "category", "category_name", "urgency", "area", "assignee", "assignee_id",
)  # fmt: skip
TIMES = ("submitted_at", "response_due_at", "completion_due_at")


def detail_of(need: Row, timeline: Sequence[Row], reader: int) -> Row:
    return {
        **{name: need[name] for name in COPIED},
        **{name: words.moment(need[name]) for name in TIMES},
        "status_words": words.STATUS_WORDS[need["status"]],
        "station": station_of(need),
        "at_home": bool(need["at_home"]),
        "escalated": need["escalated_at"] is not None,
        "emergency": None,
        "photos": [],
        "timeline": [
            {
                "at": words.moment(event["at"]),
                "actor": words.actor(event["actor_id"], event["actor"], event["station"], reader),
                "message": event["text"],
                "status": event["to_status"],
                "photos": [],
            }
            for event in timeline
        ],
        "allowed_actions": [],
        "joined_needs": [],
        "minutes_offered": None,
        "task": None,
    }


def row_of(need: Row, now: datetime) -> Row:
    due = need["next_due_at"]
    return {
        **{name: need[name] for name in COPIED_IN_LIST},
        **{name: words.moment(need[name]) for name in TIMES},
        "status_words": words.STATUS_WORDS[need["status"]],
        "confidential": bool(need["confidential"]),
        "station": station_of(need),
        "name": words.masked_name(need["contact_name"]),
        "phone": words.masked_phone(need["contact_phone"]),
        "excerpt": need["text"][: words.EXCERPT],
        "next_due_at": due and words.moment(due),
        "overdue": words.is_overdue(due, now),
        "reminders": need["urgings"],
    }


def booking_of(booking_id: int, activity: Row, attendee: Row, now: datetime) -> Row:
    return {
        "id": booking_id,
        "status": "booked",
        "status_words": words.BOOKED,
        "activity": {
            "id": activity["id"],
            "title": activity["title"],
            "place": activity["place"],
            "starts_at": words.moment(activity["starts_at"]),
            "ends_at": words.moment(activity["ends_at"]),
            "station": station_of(activity),
            "phase": "booking_open",
            "phase_words": words.BOOKING_OPEN,
            "end_reason": activity["end_reason"],
            "cancellation_until": words.moment(activity["cancellation_until"]),
        },
        "post": None,
        "is_mine": True,
        "seats": 1,
        "bookings_ahead": None,
        "offer": None,
        "attendees": [attendee],
        "answers": {},
        "booked_at": words.moment(now),
        "seated_at": words.moment(now),
        "ended_at": None,
        "cancelled_late": False,
        "reason": "",
        "allowed_actions": [],
    }


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), single_process=True, access_log=False, motd=False)
