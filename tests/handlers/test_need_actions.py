"""The actions that a need shows its resident are those that succeed, in every state and after every time limit."""

import pytest

from miniprogram_contract.needs import NeedAction
from server.models import Need, NeedStatus
from tests import steps

BODIES = {
    "withdrawal": {"reason": "已经解决"},
    "reminders": {},
    "messages": {"text": "我说的是星期二"},
    "appeal": {"reason": "我符合条件"},
    "reopening": {"reason": "没有解决"},
    "rating": {"solved": "partly", "stars": 4, "tags": [], "comment": "还可以"},
}
# Days that pass in the state: none, so many that a rating cannot be changed any more, and so many that all is over.
DAYS = (0, 2, 16)


@pytest.fixture
async def grandma(phone_of, town):
    found = await phone_of("wangnainai")
    assert (await found.put("/me/home", {"area_id": town.areas["团结村"].id})).status_code == 200
    return found


async def act(phone, need, action):
    call = phone.put if action == "rating" else phone.post
    return await call(f"/needs/{need.id}/{action}", BODIES[action])


@pytest.mark.parametrize("state", [one.value for one in NeedStatus])
async def test_shown_actions_of_a_need_are_those_that_succeed(town, grandma, clock, state):
    for days in DAYS:
        for action in NeedAction:
            need = await steps.need_in_state(town, state, clock.now(), by=grandma.person_id)
            clock.forward(days=days)
            shown = (await grandma.get(f"/needs/{need.id}")).json()["allowed_actions"]

            answer = await act(grandma, need, action)

            assert answer.is_success is (action in shown), (state, days, action, shown, answer.text)


async def test_action_taken_once_is_shown_again_only_if_it_succeeds_again(town, grandma, clock):
    for state, action in (("submitted", "reminders"), ("declined", "appeal"), ("closed", "rating")):
        need = await steps.need_in_state(town, state, clock.now(), by=grandma.person_id)
        assert (await act(grandma, need, action)).is_success
        for number, hours in enumerate((1, 23, 1, 24)):
            clock.forward(hours=hours)
            shown = (await grandma.get(f"/needs/{need.id}")).json()["allowed_actions"]
            body = BODIES[action] | ({"stars": (3, 5, 3, 4)[number]} if action == "rating" else {})
            call = grandma.put if action == "rating" else grandma.post
            answer = await call(f"/needs/{need.id}/{action}", body)
            assert answer.is_success is (action in shown), (action, hours, shown, answer.text)


async def test_need_reopened_by_its_rating_shows_only_what_succeeds(town, grandma, clock):
    for action in NeedAction:
        need = await steps.need_in_state(town, "resolved", clock.now(), by=grandma.person_id)
        assert (await grandma.put(f"/needs/{need.id}/rating", BODIES["rating"] | {"stars": 2})).is_success
        assert (await Need.get(id=need.id)).status == NeedStatus.REOPENED
        shown = (await grandma.get(f"/needs/{need.id}")).json()["allowed_actions"]

        answer = await act(grandma, need, action)

        assert answer.is_success is (action in shown), (action, shown, answer.text)
