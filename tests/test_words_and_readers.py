"""Words and readers: for each word that is written about a need, who may read it in an answer.

A row has a letter for each persona: `r` reads it, `-` reads it nowhere. The needs are those of `words.py`: the worker
is assigned the needs of “served” and “extended”; “reopened” and “rated low” went to the head. Comments of a month that
is not over are read by nobody but the resident.
"""

from dataclasses import dataclass

import pytest

from server.errors import ConfidentialNeed
from tests import words
from tests.authorisation.given import Given
from tests.authorisation.requests import OPERATIONS, example_body
from tests.authorisation.row import PERSONAS
from tests.people import Phone
from tests.sides import two_sides
from tests.words import Stories


@dataclass(frozen=True)
class Readers:
    """The readers of a word about an ordinary and about a confidential need."""

    ordinary: str
    confidential: str


# The resident reads what they wrote and what is written to them; staff of the station and its officers read the rest.
# nobody stranger neighbour owner worker head other county other_county city
EVERYBODY_THERE = "- - - r r r - r - r"
STAFF_THERE = "- - - - r r - r - r"
RECEIVER_TOO = "- - - r r r r r - r"
OWNER = "- - - r - - - - - -"
HEAD = "- - - - - r - - - -"
OWNER_AND_HEAD = "- - - r - r - - - -"
ASSIGNED = "- - - r r r - - - -"
STAFF_ASSIGNED = "- - - - r r - - - -"

# fmt: off - one line for each word
WORDS = {
    "declined: text": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "declined: name": Readers(OWNER, OWNER),
    "declined: reason": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "declined: help": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "declined: appeal": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "served: text": Readers(EVERYBODY_THERE, ASSIGNED),
    "served: name": Readers(OWNER, OWNER),
    "served: photo": Readers(EVERYBODY_THERE, ASSIGNED),
    "served: note": Readers(STAFF_THERE, STAFF_ASSIGNED),
    "served: message": Readers(EVERYBODY_THERE, ASSIGNED),
    "served: reason of reading": Readers(EVERYBODY_THERE, ASSIGNED),
    "served: outcome": Readers(EVERYBODY_THERE, ASSIGNED),
    "served: comment": Readers(OWNER, OWNER),
    "extended: text": Readers(EVERYBODY_THERE, ASSIGNED),
    "extended: name": Readers(OWNER, OWNER),
    "extended: reason": Readers(STAFF_THERE, STAFF_ASSIGNED),
    "reopened: text": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "reopened: name": Readers(OWNER, OWNER),
    "reopened: outcome": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "reopened: reason": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "rated low: text": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "rated low: name": Readers(OWNER, OWNER),
    "rated low: outcome": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "rated low: comment": Readers(OWNER, OWNER),
    "rated low: note of the call": Readers(STAFF_THERE, HEAD),
    "referred: text": Readers(RECEIVER_TOO, OWNER_AND_HEAD),
    "referred: name": Readers(OWNER, OWNER),
    "referred: reason": Readers(RECEIVER_TOO, OWNER_AND_HEAD),
    "referred: answer": Readers(RECEIVER_TOO, OWNER_AND_HEAD),
    "referred: second reason": Readers(RECEIVER_TOO, OWNER_AND_HEAD),
    "withdrawn: text": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "withdrawn: name": Readers(OWNER, OWNER),
    "withdrawn: reason": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "in danger: text": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "in danger: name": Readers(OWNER, OWNER),
    "asked: text": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
    "asked: name": Readers(OWNER, OWNER),
    "asked: message": Readers(EVERYBODY_THERE, OWNER_AND_HEAD),
}
# Only a need that is not confidential becomes a task. Its words are anonymous, and volunteers find them.
OF_TASKS = {
    "helped: text": EVERYBODY_THERE,
    "helped: name": OWNER,
    "helped: title of the task": "- - - r r r - r - r",
    "helped: text of the task": "- - - - r r - r - r",
}
# A complaint about the station is answered by the head station's head, one about the head station by the city's officer.
DECIDED_BY_CITY = "- - - r - - - - - r"
OF_COMPLAINTS = {
    "complained: named": OWNER,
    "complained: text": OWNER,
    "complained above: named": DECIDED_BY_CITY,
    "complained above: text": DECIDED_BY_CITY,
    "complained above: answer": DECIDED_BY_CITY,
    "complained above: appeal": DECIDED_BY_CITY,
}
# Words that are read by an act with a reason, which is logged and listed for the resident.
ACTS = {
    "the contact of a served need": Readers(STAFF_ASSIGNED, STAFF_ASSIGNED),
    "an appeal": Readers("- - - - - - - r - r", "- - - - - - - r - r"),
    "an extension": Readers("- - - - - r - r - r", "- - - - - r - r - r"),
    "the need of a phone number": Readers(STAFF_ASSIGNED, HEAD),
    "a slip to print": Readers("- - - - r r - r - r", HEAD),
}
# fmt: on

CATEGORIES = {"ordinary": "elder_care", "confidential": "counselling"}


@pytest.fixture
async def side(app, clock):
    return (await two_sides(clock.now()))[0]


def as_row(readers):
    return " ".join("r" if persona in readers else "-" for persona in PERSONAS)


async def answers(stories: Stories, clock) -> dict[tuple[str, str], str]:
    """Return the words of each answer that is given to a persona, by persona and path."""
    nobody = Phone(stories.client, "", 0)
    found: dict[tuple[str, str], str] = {}
    for persona in PERSONAS:
        phone = stories.phones.get(persona, nobody)
        for path, query in words.questions(stories):
            clock.forward(seconds=1)  # no rate limit is reached
            answer = await phone.get(path, params=query)
            found[persona, f"{path} {query}"] = words.text_of(answer)
    return found


@pytest.mark.parametrize("kind", CATEGORIES)
async def test_every_word_is_read_only_by_its_readers(side, client, clock, kind):
    stories = await words.tell_all(side, client, CATEGORIES[kind])
    if kind == "ordinary":
        await words.publish_task(stories)
        await words.complain(stories)
    expected = {name: getattr(readers, kind) for name, readers in WORDS.items()}
    expected |= OF_TASKS | OF_COMPLAINTS if kind == "ordinary" else {}

    found = await answers(stories, clock)

    read = {
        name: as_row({persona for (persona, _), text in found.items() if word in text})
        for name, word in stories.words.items()
    }
    assert read == expected


async def test_no_list_notice_or_export_has_a_word_of_a_confidential_need(side, client, clock):
    stories = await words.tell_all(side, client, CATEGORIES["confidential"])
    found = await answers(stories, clock)

    elsewhere = {
        (persona, path.split()[0])
        for (persona, path), text in found.items()
        if not any(str(need_id) in path for need_id in stories.needs.values())
        if any(word in text for word in stories.words.values())
    }

    # The resident's own list of needs, and their list of who read what and why.
    assert elsewhere <= {("owner", "/needs"), ("owner", "/me/readings")}


async def test_search_finds_no_word_of_a_confidential_need(side, client, clock):
    found = {}
    for kind, category in CATEGORIES.items():
        stories = Stories(
            side, client, category, {name: Phone(client, token, 0) for name, token in side.tokens.items()}
        )
        await stories.file("searched")
        for persona in PERSONAS[4:]:
            wanted = {"text": stories.words["searched: text"]}
            found[kind, persona] = len(
                (await stories.phones[persona].get("/station/needs", params=wanted)).json()["items"]
            )

    assert [found["ordinary", persona] for persona in PERSONAS[4:]] == [1, 1, 0, 1, 0, 1]
    assert [found["confidential", persona] for persona in PERSONAS[4:]] == [0] * 6


async def acts(stories: Stories, phone: Phone) -> dict[str, tuple[str, str]]:
    """Do each act of reading; return its answer and the word that it would show."""
    lists = {name: (await stories.phones["city"].get(f"/{name}")).json()["items"] for name in ("appeals", "extensions")}
    why = {"reason": "工作需要"}
    needs, slip = stories.needs, stories.slips["in danger"]
    done = {
        "the contact of a served need": phone.post(f"/station/needs/{needs['served']}/contact", why),
        "an appeal": phone.post(f"/appeals/{lists['appeals'][0]['id']}/reading", why),
        "an extension": phone.post(f"/extensions/{lists['extensions'][0]['id']}/reading", why),
        "the need of a phone number": phone.post("/station/needs/look-ups", {"phone": words.PHONE} | why),
        "a slip to print": phone.get(f"/station/needs/{needs['in danger']}/slip"),
    }
    shown = {
        "the contact of a served need": stories.words["served: name"],
        "an appeal": stories.words["declined: appeal"],
        "an extension": stories.words["extended: reason"],
        "the need of a phone number": str(needs["in danger"]),
        "a slip to print": f"{slip[:5]} {slip[5:]}",
    }
    return {name: ((await act).text, shown[name]) for name, act in done.items()}


@pytest.mark.parametrize("kind", CATEGORIES)
async def test_words_are_read_by_an_act_only_by_people_who_may(side, client, kind):
    stories = await words.tell_all(side, client, CATEGORIES[kind])

    done = {persona: await acts(stories, stories.phones.get(persona, Phone(client, "", 0))) for persona in PERSONAS}

    read = {name: as_row({one for one in PERSONAS if done[one][name][1] in done[one][name][0]}) for name in ACTS}
    assert read == {name: getattr(readers, kind) for name, readers in ACTS.items()}


# Steps of a crisis have rules of their own: people who are alarmed may act.
STEPS = [
    operation
    for operation in OPERATIONS
    if operation.startswith("POST /station/needs/{need_id}/") and "crisis" not in operation
]
READS_NOTHING = ("stranger", "neighbour", "worker", "other", "county", "other_county", "city")


@pytest.mark.parametrize("persona", READS_NOTHING)
async def test_only_a_reader_takes_a_step_of_a_confidential_need(side, client, clock, persona):
    stories = Stories(
        side, client, "counselling", {name: Phone(client, token, 0) for name, token in side.tokens.items()}
    )
    taken = {}
    for operation in STEPS:
        clock.forward(minutes=5)  # no rate limit is reached
        await stories.file("unassigned")
        path = operation.removeprefix("POST ").format(need_id=stories.needs["unassigned"])
        body = example_body(operation, Given(body={"target_need_id": stories.needs["unassigned"]}), side)
        taken[operation] = (await stories.phones[persona].post(path, body)).status_code

    assert {operation: status for operation, status in taken.items() if status not in {403, 404, 409}} == {}
    assert {taken[operation] for operation in STEPS if operation.endswith(("/acceptance", "/note", "/referral"))} <= {
        403,
        404,
    }


async def test_confidential_need_becomes_no_task(side, client):
    stories = await words.tell_all(side, client, "counselling")

    with pytest.raises(AssertionError, match=ConfidentialNeed.code):
        await words.publish_task(stories)


def test_table_has_a_row_for_every_persona():
    rows = [row for one in (*WORDS.values(), *ACTS.values()) for row in (one.ordinary, one.confidential)]

    assert {len(row.split()) for row in (*rows, *OF_TASKS.values())} == {len(PERSONAS)}
