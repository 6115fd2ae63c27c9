"""What usually follows in the life of a need's task, with its time."""

from datetime import timedelta

from server.models import Dispute, MinutesOffer, RecordStatus, ServiceRecord, Task, TaskStatus
from tests.domain.town import LI, ZHANG, Chosen, Town
from tests.domain.town.verbs import of

S = TaskStatus
Step = tuple[str, Chosen]


async def step(town: Town, it: Chosen) -> Step:
    """The next verb for the chosen need's latest task, and who does it; the clock is turned to when they would."""
    need = of(town.needs, it)
    theirs = {task.id: task for task in await Task.filter(need_id=need)}
    latest = next((one for one in reversed(town.tasks) if one in theirs), None)
    if latest is None:
        return "publish", it
    task = theirs[latest]
    # Of the two volunteers each lives with one of those who ask.
    who = LI if need == town.needs[0] else ZHANG
    name = await _following(town, it, task)
    if name in {"offer", "publish"}:
        return name, it
    return name, Chosen(town.tasks[::-1].index(latest), who if name == "take_on" else it.who, it.amount)


async def _following(town: Town, it: Chosen, task: Task) -> str:
    if task.status in {S.PUBLISHED, S.CLAIMED}:
        usual = "take_on" if task.status == S.PUBLISHED else "confirm"
        return "look_after_task" if town.now >= task.ends_at else usual
    if task.status == S.CONFIRMED:
        town.now = max(town.now, task.starts_at)
        return "no_show" if town.now > task.ends_at else "start"
    if task.status == S.STARTED:
        town.now += timedelta(minutes=it.amount)
        return "finish"
    return await _argued(town, it, task) if task.status == S.DISPUTED else await _served(it, task)


async def _served(it: Chosen, task: Task) -> str:
    """Confirmed and approved, or not; what is approved may be reversed, and after it comes another."""
    if task.status == S.FINISHED:
        confirmed = await ServiceRecord.exists(task_id=task.id, status=RecordStatus.CONFIRMED)
        return "approve_task" if confirmed else ("agree", "agree", "dispute", "agree_for")[it.who]
    if it.amount % 2 and await ServiceRecord.exists(task_id=task.id, status=RecordStatus.APPROVED):
        return "reverse_task"
    return "publish" if await MinutesOffer.exists(need_id=task.need_id) else "offer"


async def _argued(town: Town, it: Chosen, task: Task) -> str:
    """Decided; where nobody appeals it stands after a week, else it is decided once more."""
    dispute = await Dispute.get(task_id=task.id)
    if dispute.decided_at is None or dispute.appealed_at is not None:
        return "decide"
    if it.amount % 2:
        return "appeal"
    town.now += timedelta(days=7)
    return "look_after_task"
