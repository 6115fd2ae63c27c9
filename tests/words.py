"""Needs with a marker for each word that people write about them, and every answer a person can get."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx

from server.domain import stations
from server.handlers.http.endpoint import ENDPOINTS
from server.models import CallBack, Photo
from tests import factories
from tests.people import Phone
from tests.sides import Side, sign_in

PHONE = "13812345678"
# Paths whose answer would end a session, or that need a subject of another noun.
OTHER_NOUNS = (
    "photo_id", "offer_id", "record_id", "edition_id", "team_id", "venue_id", "volunteer_id", "booking_id", "notice_id",
    "activity_id", "order_id", "good_id",
)  # fmt: skip
_NUMBERS = count(1)


@dataclass
class Stories:
    """Needs of the owner in one category, made through HTTP, and the marker of each word by its name."""

    side: Side
    client: httpx.AsyncClient
    category: str
    phones: dict[str, Phone]
    words: dict[str, str] = field(default_factory=dict)
    needs: dict[str, int] = field(default_factory=dict)
    slips: dict[str, str] = field(default_factory=dict)
    complaints: list[int] = field(default_factory=list)
    task_id: int | None = None

    def word(self, name: str) -> str:
        """Return a new marker that stands for what somebody writes; no other text contains it."""
        # Letters only: numbers in texts could be taken for phone numbers.
        self.words[name] = "词" + "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in f"{next(_NUMBERS):05d}")
        return self.words[name]

    async def does(self, persona: str, method: str, path: str, body: Any = None) -> Any:
        answer = await self.phones[persona].call(method, path, json={} if body is None else body)
        assert answer.is_success, (persona, path, answer.text)
        return answer.json()

    async def step(self, persona: str, story: str, step: str, **body: Any) -> Any:
        return await self.does(persona, "POST", f"/station/needs/{self.needs[story]}/{step}", body)

    async def own(self, story: str, step: str, method: str = "POST", **body: Any) -> Any:
        return await self.does("owner", method, f"/needs/{self.needs[story]}/{step}", body)

    async def file(self, story: str, **more: Any) -> None:
        """File a need of the story as the owner."""
        wanted = {"category": self.category, "text": self.word(f"{story}: text"), "contact_phone": PHONE}
        wanted |= {"contact_name": self.word(f"{story}: name"), "may_share_contact": True}
        made = await self.does("owner", "POST", "/needs", wanted | more)
        self.needs[story], self.slips[story] = made["id"], made["slip_code"]

    async def serve(self, story: str) -> Any:
        """Bring the need into service by the worker, to whom the head assigns it; return its state."""
        await self.file(story)
        await self.step("head", story, "acceptance")
        await self.step("head", story, "assignment", worker_id=self.phones["worker"].person_id)
        return await self.step("worker", story, "start")

    async def resolve(self, story: str) -> None:
        await self.serve(story)
        await self.step("worker", story, "resolution", outcome=self.word(f"{story}: outcome"))


async def tell_all(side: Side, client: httpx.AsyncClient, category: str) -> Stories:
    """Tell every story in the category; in each, people write all that they can write."""
    phones = {persona: Phone(client, token, side.people[persona]) for persona, token in side.tokens.items()}
    head = await factories.worker("蓝站长", side.other_station, side.now, head=True)
    phones["other head"] = Phone(client, await sign_in(head.person_id, side.now), head.person_id)
    stories = Stories(side, client, category, phones)
    for tell in (_declined, _served, _extended, _reopened, _rated_low, _referred, _withdrawn, _in_danger, _asked):
        await tell(stories)
    return stories


async def _declined(stories: Stories) -> None:
    await stories.file("declined")
    words = {"reason": stories.word("declined: reason"), "alternative_help": stories.word("declined: help")}
    await stories.step("head", "declined", "decline", **words)
    await stories.own("declined", "appeal", reason=stories.word("declined: appeal"))


async def _served(stories: Stories) -> None:
    await stories.serve("served")
    picture = {"name": f"{next(_NUMBERS)}", "width": 1, "height": 1, "created_at": stories.side.now}
    owner_id = stories.phones["owner"].person_id
    photo = await Photo.create(owner_id=owner_id, need_id=stories.needs["served"], **picture)
    stories.words["served: photo"] = f"/photos/{photo.id}"
    note = {"note": stories.word("served: note"), "message": stories.word("served: message")}
    await stories.step("worker", "served", "note", **note)
    await stories.step("worker", "served", "contact", reason=stories.word("served: reason of reading"))
    await stories.step("worker", "served", "resolution", outcome=stories.word("served: outcome"))
    await stories.own(
        "served", "rating", "PUT", solved="yes", stars=5, tags=["quick"], comment=stories.word("served: comment")
    )


async def _extended(stories: Stories) -> None:
    state = await stories.serve("extended")
    until = (datetime.fromisoformat(state["completion_due_at"]) + timedelta(hours=1)).isoformat()
    reason = stories.word("extended: reason")
    await stories.step("worker", "extended", "extension", extended_until=until, reason=reason)


async def _reopened(stories: Stories) -> None:
    await stories.resolve("reopened")
    await stories.own("reopened", "reopening", reason=stories.word("reopened: reason"))


async def _rated_low(stories: Stories) -> None:
    await stories.resolve("rated low")
    await stories.own(
        "rated low", "rating", "PUT", solved="partly", stars=2, comment=stories.word("rated low: comment")
    )
    call = await CallBack.get(need_id=stories.needs["rated low"])
    result = {"reached": True, "satisfied": False, "note": stories.word("rated low: note of the call")}
    await stories.does("head", "POST", f"/station/call-backs/{call.id}/result", result)


async def _referred(stories: Stories) -> None:
    await stories.file("referred")
    to = stories.side.other_station.id
    await stories.step("head", "referred", "referral", station_id=to, reason=stories.word("referred: reason"))
    await stories.step("other head", "referred", "referral-return", reason=stories.word("referred: answer"))
    await stories.step("head", "referred", "referral", station_id=to, reason=stories.word("referred: second reason"))


async def _withdrawn(stories: Stories) -> None:
    await stories.file("withdrawn")
    await stories.own("withdrawn", "withdrawal", reason=stories.word("withdrawn: reason"))


async def _in_danger(stories: Stories) -> None:
    await stories.file("in danger", urgency="emergency")


async def _asked(stories: Stories) -> None:
    await stories.file("asked")
    await stories.own("asked", "messages", text=stories.word("asked: message"))


async def complain(stories: Stories) -> None:
    """Complain about the station and about the head station, and have the latter answered by the city's officer."""
    above = await stations.head_station_of(stories.side.station)
    for story, station_id in (("complained", stories.side.station.id), ("complained above", above.id)):
        body = {"about": "worker", "station_id": station_id, "named": stories.word(f"{story}: named")}
        made = await stories.does("owner", "POST", "/complaints", body | {"text": stories.word(f"{story}: text")})
        stories.complaints.append(made["id"])
    answer = {"upheld": False, "text": stories.word("complained above: answer")}
    path = f"/station/complaints/{stories.complaints[1]}/answer"
    await stories.does("city", "POST", path, answer)
    reason = {"reason": stories.word("complained above: appeal")}
    await stories.does("owner", "POST", f"/complaints/{stories.complaints[1]}/appeal", reason)


async def publish_task(stories: Stories) -> None:
    """Publish a task of a need, as the station does for what is not confidential."""
    await stories.file("helped")
    await stories.step("head", "helped", "acceptance")
    begins = stories.side.now + timedelta(days=2)
    task = {
        "title": stories.word("helped: title of the task"),
        "text": stories.word("helped: text of the task"),
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=2)).isoformat(),
        "expected_minutes": 60,
    }
    stories.task_id = (await stories.step("head", "helped", "task", **task))["id"]


def questions(stories: Stories) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every path that is read with GET and can be about these needs, with its query."""
    station = stories.side.station.id
    ids: dict[str, list[Any]] = {
        "need_id": list(stories.needs.values()),
        "code": list(stories.slips.values()),
        "station_id": [station],
        "area_id": [stories.side.community.id],
        "year": ["2026"],
        "complaint_id": stories.complaints,
        "person_id": [stories.phones["owner"].person_id],
        "task_id": [stories.task_id] if stories.task_id else [],
    }
    queries: dict[str, list[dict[str, Any]]] = {
        "/station/needs": [{"limit": 50, "scope": scope} for scope in ("own", "referred", "overseen")],
        "/needs": [{"limit": 50}],
        "/me/notifications": [{"limit": 50}],
        "/me/readings": [{"limit": 50}],
    }
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET" or endpoint.link_subject is not None:
            continue
        names = [part.partition(":")[0].strip("<") for part in endpoint.path.split("/") if part.startswith("<")]
        if any(name in OTHER_NOUNS for name in names):
            continue
        needs_station = endpoint.query is not None and "station" in endpoint.query.model_fields
        default = [{"station": station} if needs_station else {}]
        for path in _filled(endpoint.path, names, ids):
            for query in queries.get(endpoint.path, default):
                yield path, query


def _filled(path: str, names: list[str], ids: dict[str, list[Any]]) -> Iterator[str]:
    if not names:
        yield path
        return
    [name] = names
    template = "/".join("{}" if part.startswith("<") else part for part in path.split("/"))
    for one in ids[name]:
        yield template.format(one)


def text_of(answer: httpx.Response) -> str:
    """Return the words of an answer, also of a spreadsheet."""
    if not answer.content.startswith(b"PK"):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())
