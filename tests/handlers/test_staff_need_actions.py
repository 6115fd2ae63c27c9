"""The steps that a need shows to staff are those that succeed: in every state, for every reader."""

from datetime import timedelta

import pytest

from miniprogram_contract.needs_staff import StaffNeedAction
from server.models import Category, Need, NeedStatus
from tests import steps
from tests.conftest import NOW

READERS = ("陈社工", "林社工", "赵站长", "周社工", "吴站长", "孙站长", "冯科长", "卫处长")
BODIES = {
    "decline": {"reason": "不归我们", "alternative_help": "街道便民服务中心"},
    "note": {"note": "已电话联系"},
    "contact": {"reason": "上门"},
    "place": {"place": "先锋村3组12号"},
    "resolution": {"outcome": "已办好"},
    "referral-return": {"reason": "不是本片区"},
}


def body_of(action, need, phone, town) -> dict:
    if action == "assignment":
        return {"worker_id": phone.person_id}
    if action == "referral":
        return {"station_id": town.stations["龙马潭总站"].id, "reason": "已搬家"}
    if action == "extension":
        return {"extended_until": (need.completion_due_at + timedelta(hours=1)).isoformat(), "reason": "等待回复"}
    return BODIES.get(action, {})


async def need_of(town, state, category) -> Need:
    """Return a need in the state whose category is, or became, the given one."""
    need = await steps.need_in_state(town, state, NOW)
    await Need.filter(id=need.id).update(category_id=(await Category.get(code=category)).id)
    return await Need.get(id=need.id)


@pytest.mark.parametrize("category", ["elder_care", "counselling"])
@pytest.mark.parametrize("state", [one.value for one in NeedStatus])
async def test_shown_steps_of_staff_are_those_that_succeed(town, phones, state, category):
    for reader in READERS:
        phone, need = phones[reader], await need_of(town, state, category)
        page = await phone.get(f"/station/needs/{need.id}")
        shown = page.json()["allowed_actions"] if page.status_code == 200 else []
        # The steps that are not shown are refused, and change nothing: they are tried on one need.
        for action in sorted(StaffNeedAction, key=lambda one: one in shown):
            if action in shown:
                need = await need_of(town, state, category)

            answer = await phone.post(f"/station/needs/{need.id}/{action}", body_of(action, need, phone, town))

            assert answer.is_success is (action in shown), (state, reader, action, shown, answer.text)


async def test_own_need_shows_no_step(town, phones):
    chen = phones["陈社工"]
    need = await town.need(by=chen.person_id, area_id=town.areas["团结村"].id)

    assert (await chen.get(f"/station/needs/{need.id}")).json()["allowed_actions"] == []
