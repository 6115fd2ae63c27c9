"""Bans and appeals against them, through HTTP."""

from server.models import Person, RoleKind
from tests import factories
from tests.conftest import NOW
from tests.handlers.volunteers.told import APPLICATION, code


async def test_ban_is_shown_appealed_against_and_lifted_by_the_head_station(li, chen, zhao, worker, volunteer):
    path = f"/station/volunteers/{volunteer}/ban"
    assert code(await chen.post(path, {"reason": "失约"})) == (403, "role_required")
    assert (await zhao.post(path, {"reason": "失约"})).json()["status"] == "banned"
    mine = (await li.get("/volunteers/me")).json()["ban"]
    assert (mine["reason"], mine["may_appeal"], mine["lifted_at"]) == ("失约", True, None)
    assert code(await li.post("/volunteers", APPLICATION)) == (409, "volunteer_banned")

    appeal = await li.post("/volunteers/me/ban-appeal", {"reason": "请过假"})

    assert (appeal.status_code, appeal.json()["may_appeal"], appeal.json()["appeal"]) == (201, False, "请过假")
    assert code(await li.post("/volunteers/me/ban-appeal", {"reason": "再看"})) == (409, "already_submitted")
    sun = await worker("sunzhanzhang", "江阳总站", head=True)
    [waiting] = (await sun.get("/ban-appeals")).json()["items"]
    assert (waiting["ban_id"], waiting["name"], waiting["appeal"]) == (mine["id"], "李**", "请过假")
    decision = {"granted": True, "reason": "已核实请假记录"}
    decided = await sun.post(f"/ban-appeals/{mine['id']}/decision", decision)
    assert decided.json() == {"id": mine["id"], "granted": True}
    after = (await li.get("/volunteers/me")).json()
    assert (after["status"], after["ban"]["decision"], after["ban"]["may_appeal"]) == (
        "approved",
        "已核实请假记录",
        False,
    )
    assert (await sun.get("/ban-appeals")).json()["items"] == []
    assert code(await sun.post(f"/ban-appeals/{mine['id']}/decision", decision)) == (409, "already_decided")


async def test_decision_by_the_head_who_banned_is_not_found(li, zhao, town, volunteer):
    head = await Person.get(id=zhao.person_id)
    await factories.role(head, RoleKind.STATION_HEAD, NOW, station=town.stations["江阳总站"])
    ban = (await zhao.post(f"/station/volunteers/{volunteer}/ban", {"reason": "失约"})).json()["ban"]
    await li.post("/volunteers/me/ban-appeal", {"reason": "请过假"})

    answer = await zhao.post(f"/ban-appeals/{ban['id']}/decision", {"granted": False, "reason": "维持"})

    assert code(answer) == (403, "conflict_of_interest")
    assert (await zhao.get("/ban-appeals")).json()["items"] == []


async def test_head_lifts_a_ban_and_appeal_without_ban_is_refused(li, zhao, volunteer):
    assert code(await li.post("/volunteers/me/ban-appeal", {"reason": "x"})) == (409, "not_applicable")
    await zhao.post(f"/station/volunteers/{volunteer}/ban", {"reason": "失约"})

    lifted = await zhao.post(f"/station/volunteers/{volunteer}/ban-lifting")

    assert (lifted.json()["status"], lifted.json()["ban"]["lifted_at"]) == ("approved", "2026-03-10T10:00:00+08:00")
    assert code(await zhao.post(f"/station/volunteers/{volunteer}/ban-lifting")) == (409, "invalid_state")
