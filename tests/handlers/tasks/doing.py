"""Steps of a task, through HTTP."""

from tests.factories.tasks import STARTS

NEW_TASK = {
    "title": "陪老人取药",
    "text": "陪同步行去取药。",
    "starts_at": "2026-03-11T10:00:00+08:00",
    "ends_at": "2026-03-11T12:00:00+08:00",
    "expected_minutes": 90,
}
REASON = {"reason": "时间有变"}


async def ok(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer):
    return answer.status_code, answer.json()["code"]


async def confirmed(task, li, lin):
    await ok(await li.post(f"/tasks/{task['id']}/claim"))
    return await ok(await lin.post(f"/station/tasks/{task['id']}/confirmation"))


async def finished(task, li, lin, clock, minutes=60):
    await confirmed(task, li, lin)
    clock.set(STARTS)
    await ok(await li.post(f"/tasks/{task['id']}/start"))
    clock.forward(minutes=minutes)
    return await ok(await li.post(f"/tasks/{task['id']}/finish"))
