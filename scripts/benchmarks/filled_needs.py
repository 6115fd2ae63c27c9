"""A city of 135 stations with years of needs: most ended long ago, and of each station as many open as on any day."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pymysql

from scripts import services
from scripts.benchmarks.city import Place, SignedIn, network
from scripts.benchmarks.serving import signed_in
from scripts.services import MariaDB
from server.database import db, schema
from server.domain import categories
from server.domain.slip_codes import SLIP_LETTERS
from server.models import Category, Person
from server.models.needs import due_columns

YEARS, OPEN_DAYS = timedelta(days=5 * 365), timedelta(days=20)
OPEN_A_STATION, NEEDS_A_PERSON = 40, 4
RESIDENTS = 600  # who are signed in
NULL = r"\N"
TEXTS = (
    "家里老人独居，腿脚不便，想请人帮忙买药。",
    "孩子放学以后没有人看管，作业也没有人辅导，想找个托管的地方。",
    "小区路灯坏了好几天，晚上出门看不见，请帮忙反映一下。",
    "想申请高龄津贴，不知道要带什么材料，也不知道去哪里办。",
    "和邻居因为漏水的事情吵了几次，一直没有解决，请社工帮忙调解。",
    "失业三个月了，想参加培训，再找一份离家近的工作。",
    "父亲刚出院，需要有人教家里人怎么护理，也想借一张轮椅。",
    "想参加社区的合唱队，不知道在哪里报名。",
)
# One in so many of the needs tells of this, and some of the open ones do.
RARE_EVERY, RARE = 997, "，家里养了一只画眉鸟"
OPEN_STATUSES = ("submitted", "submitted", "accepted", "assigned", "assigned", "in_progress", "in_progress", "resolved")
ENDED_STATUSES = ("closed",) * 17 + ("declined", "withdrawn", "merged")
# Of every status: what happened until then (kind, status after it, words for the resident).
STEPS = (
    ("submitted", "submitted", "需求已提交。您所在的社区由社工站受理。"),
    ("opened", None, "工作人员已看到您的需求，会负责跟进，直到有人接手（首问负责）。"),
    ("accepted", "accepted", "站点已受理您的需求。"),
    ("assigned", "assigned", "已安排社工为您服务。"),
    ("started", "in_progress", "工作人员已开始为您服务。"),
    ("resolved", "resolved", "已办结：已上门帮助解决。"),
    ("closed", "closed", "超过评价期限，已归档。"),
)
STEPS_UNTIL = {"submitted": 1, "accepted": 3, "assigned": 4, "in_progress": 5, "resolved": 6, "closed": 7}


@dataclass(frozen=True)
class Filled:
    """The database, and the tokens of those who read: of each kind some, busy stations more often."""

    url: str
    workers: Sequence[SignedIn]
    county_officers: Sequence[SignedIn]
    city_officers: Sequence[SignedIn]
    residents: Sequence[SignedIn]
    communities: Sequence[int]


async def filled(server: MariaDB, count: int, folder: Path, now: datetime) -> Filled:
    """A database with so many needs, their timelines and their people."""
    name = f"needs_{count}"
    url = server.create_database(name)
    await schema.migrate(url)
    chosen = random.Random(count)  # noqa: S311 - the same needs each time
    async with db.connected(url, pool=3):
        await categories.seed(now)
        made = await network(chosen, now)
        residents = await signed_in([f"居民{number}" for number in range(RESIDENTS)], now)
        people = [person.id for person, _ in residents]
        people += [chosen.getrandbits(52) + 1 for _ in range(count // NEEDS_A_PERSON)]
        kinds = [one.id for one in await Category.filter(confidential=False)]
        _write_people(folder, people[len(residents) :], made.places, now, chosen)
        _write_needs(folder, Needs(count, made.places, people, kinds, now, chosen))
    load(server.port, name, folder)
    async with db.connected(url, pool=3):
        for person, _ in residents:
            await Person.filter(id=person.id).update(home_id=chosen.choice(made.communities))
    return Filled(url, made.workers, made.county, made.city, residents, made.communities)


def _write_people(
    folder: Path, people: Sequence[int], places: Sequence[Place], now: datetime, chosen: random.Random
) -> None:
    homes = [one for place in places for one in place.communities]
    with (folder / "person.csv").open("w") as lines:
        for number, person_id in enumerate(people):
            lines.write(
                f"{person_id}\topenid{number}\t居民{number}\t{_phone(number)}\t{chosen.choice(homes)}\t{_told(now)}\n"
            )


def _phone(number: int) -> str:
    return f"138{number % 100_000_000:08}"


def _told(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _told_or_null(moment: datetime | None) -> str:
    return NULL if moment is None else _told(moment)


class Needs(NamedTuple):
    """How many needs, where, whose, of what kinds."""

    number: int
    places: Sequence[Place]
    people: Sequence[int]
    kinds: Sequence[int]
    now: datetime
    chosen: random.Random


class One(NamedTuple):
    """The values that differ between needs."""

    id: int
    place: Place
    status: str
    submitted_at: datetime
    person_id: int


def _write_needs(folder: Path, wanted: Needs) -> None:
    number = itertools.count()
    with (folder / "need.csv").open("w") as needs, (folder / "need_event.csv").open("w") as lines:
        for one in _each(wanted):
            needs.write(_need(one, next(number), wanted))
            lines.writelines(_timeline(one))


def _each(wanted: Needs) -> Iterator[One]:
    """In the order of their ids, as the table keeps them."""
    chosen, open_left, everything = wanted.chosen, [], []
    for place in wanted.places:
        here = max(round(place.share * wanted.number), 1)
        still_open = min(round(OPEN_A_STATION * len(wanted.places) * place.share), here * 3 // 4)
        open_left += [place] * still_open
        everything += [place] * (here - still_open)
    ids = sorted(chosen.sample(range(1, 2**52), len(open_left) + len(everything)))
    places = [(place, True) for place in open_left] + [(place, False) for place in everything]
    chosen.shuffle(places)
    for need_id, (place, still_open) in zip(ids, places, strict=True):
        status = chosen.choice(OPEN_STATUSES if still_open else ENDED_STATUSES)
        ago = OPEN_DAYS * chosen.random() if still_open else OPEN_DAYS + YEARS * chosen.random()
        yield One(need_id, place, status, wanted.now - ago, chosen.choice(wanted.people))


def _need(one: One, number: int, wanted: Needs) -> str:
    chosen, steps = wanted.chosen, STEPS_UNTIL.get(one.status, 3)
    submitted, hours = one.submitted_at, timedelta(hours=1)
    worker = str(one.place.staff[one.id % 2])
    done = steps >= STEPS_UNTIL["resolved"]
    ended = one.status in ENDED_STATUSES
    urgency, accepted_at = "urgent" if number % 11 == 0 else "normal", submitted + 5 * hours if steps > 1 else None
    promised = {"response_due_at": submitted + 24 * hours, "completion_due_at": submitted + 168 * hours}
    due = due_columns({"status": one.status, "urgency": urgency, "accepted_at": accepted_at, **promised})
    columns = (
        one.id, one.status, one.place.station_id, chosen.choice(wanted.kinds),
        urgency, "phone_app", one.person_id, one.person_id,
        chosen.choice(one.place.communities), TEXTS[number % len(TEXTS)] + (RARE if number % RARE_EVERY == 0 else ""),
        f"居民{number}", _phone(one.person_id), "", "", "", 0, "您所在的社区由社工站受理。", _slip(number),
        "已上门帮助解决。" if done else "", _told(submitted),
        *map(_told, promised.values()), _told_or_null(due["next_due_at"]), due["due_rank"],
        _told_or_null(accepted_at), _told(submitted + 90 * hours) if done else NULL,
        _told(submitted + 400 * hours) if ended else NULL, worker if steps > 1 else NULL,
        worker if steps >= STEPS_UNTIL["assigned"] else NULL, worker if done else NULL, steps,
    )  # fmt: skip
    return "\t".join(map(str, columns)) + "\n"


def _slip(number: int) -> str:
    code = ""
    for _ in range(10):
        number, letter = divmod(number, len(SLIP_LETTERS))
        code += SLIP_LETTERS[letter]
    return code


def _timeline(one: One) -> Iterator[str]:
    before = NULL
    steps = STEPS[: STEPS_UNTIL.get(one.status, 3)]
    if one.status not in STEPS_UNTIL:
        steps = (*steps[:2], (one.status, one.status, "不再办理。"))
    for number, (kind, after, said) in enumerate(steps, start=1):
        at = _told(one.submitted_at + timedelta(hours=5 * number))
        actor = one.person_id if number == 1 else one.place.staff[one.id % 2]
        left = before if after and number > 1 else NULL
        columns = (one.id, number, at, kind, actor, one.place.station_id, left, after or NULL, said, "", 0)
        yield "\t".join(map(str, columns)) + "\n"
        before = after or before


COLUMNS = {
    "person": "id,openid,name,phone,home_id,created_at",
    "need": "id,status,station_id,category_id,urgency,channel,person_id,submitted_by_id,area_id,text,contact_name,"
    "contact_phone,place,relation,help_times,may_share_contact,route,slip_code,outcome,submitted_at,response_due_at,"
    "completion_due_at,next_due_at,due_rank,accepted_at,resolved_at,ended_at,first_worker_id,assignee_id,handler_id,"
    "event_count",
    "need_event": "need_id,number,at,kind,actor_id,station_id,from_status,to_status,text,note,service_minutes",
}
# What the table has no value of its own for.
REST = {"need": "urgings=0, times_returned=0, reopenings=0, decided_by_head=0, at_home=0, joined_needs=0"}


def load(port: int, name: str, folder: Path) -> None:
    """Bring what was written into the tables, and tell the optimizer how much it is."""
    with (
        pymysql.connect(host=services.HOST, port=port, user="root", database=name, local_infile=True) as link,
        link.cursor() as cursor,
    ):
        cursor.execute("SET foreign_key_checks=0, unique_checks=0, SESSION max_statement_time=0")
        for table, columns in COLUMNS.items():
            file = folder / f"{table}.csv"
            rest = f" SET {REST[table]}" if table in REST else ""
            cursor.execute(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {table} ({columns}){rest}")
            file.unlink()
            link.commit()
        for table in COLUMNS:
            cursor.execute(f"ANALYZE TABLE {table}")
