"""The usual next step of a need's task, and its time."""

from datetime import timedelta

from server.models import Dispute, MinutesOffer, RecordStatus, ServiceRecord, Task, TaskStatus
from tests.domain.town import LI, ZHANG, Choice, Town
from tests.domain.town.verbs import pick

S = TaskStatus
Step = tuple[str, Choice]


async def next_step(town: Town, choice: Choice) -> Step:
    """Return the next verb for the chosen need's latest task; moves the town's clock to its time."""
    need = pick(town.needs, choice)
    tasks = {task.id: task for task in await Task.filter(need_id=need)}
    latest = next((id_ for id_ in reversed(town.tasks) if id_ in tasks), None)
    if latest is None:
        return "publish", choice
    task = tasks[latest]
    # Each volunteer lives with a resident who has a need, and helps the other resident.
    who = LI if need == town.needs[0] else ZHANG
    name = await _usual_verb(town, choice, task)
    if name in {"offer", "publish"}:
        return name, choice
    return name, Choice(town.tasks[::-1].index(latest), who if name == "claim_task" else choice.who, choice.amount)


async def _usual_verb(town: Town, choice: Choice, task: Task) -> str:
    if task.status in {S.PUBLISHED, S.CLAIMED}:
        usual = "claim_task" if task.status == S.PUBLISHED else "confirm"
        return "run_task_job" if town.now >= task.ends_at else usual
    if task.status == S.CONFIRMED:
        town.now = max(town.now, task.starts_at)
        return "no_show" if town.now > task.ends_at else "start"
    if task.status == S.STARTED:
        town.now += timedelta(minutes=choice.amount)
        return "finish"
    return await _in_dispute(town, choice, task) if task.status == S.DISPUTED else await _after_service(choice, task)


async def _after_service(choice: Choice, task: Task) -> str:
    """Confirm and approve, or dispute; an approved record may be reversed, and the next task follows."""
    if task.status == S.FINISHED:
        confirmed = await ServiceRecord.exists(task_id=task.id, status=RecordStatus.CONFIRMED)
        return (
            "approve_task"
            if confirmed
            else ("confirm_by_beneficiary", "confirm_by_beneficiary", "dispute", "confirm_by_staff")[choice.who]
        )
    if choice.amount % 2 and await ServiceRecord.exists(task_id=task.id, status=RecordStatus.APPROVED):
        return "reverse_task"
    return "publish" if await MinutesOffer.exists(need_id=task.need_id) else "offer"


async def _in_dispute(town: Town, choice: Choice, task: Task) -> str:
    """Decide; an appeal is decided again, without one the decision is final after a week."""
    dispute = await Dispute.get(task_id=task.id)
    if dispute.decided_at is None or dispute.appealed_at is not None:
        return "decide"
    if choice.amount % 2:
        return "appeal"
    town.now += timedelta(days=7)
    return "run_task_job"
