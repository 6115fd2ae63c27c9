"""Tasks of somebody who may not volunteer any more go back to all others."""

from datetime import datetime

from server.database import db
from server.domain.tasks import access
from server.domain.tasks.claims import FREE
from server.domain.tasks.notifications import TASK_FREE_AGAIN, notify_station
from server.domain.tasks.timeline import Line
from server.domain.tasks.transitions import S, move
from server.models import Task, Volunteer, VolunteerStatus

NOT_BEGUN = (S.CLAIMED, S.CONFIRMED)


async def free_tasks_of(volunteer_id: int, *, now: datetime) -> int:
    """Publish anew what a banned volunteer has claimed and not begun, task by task; returns how many."""
    volunteer = await Volunteer.get(id=volunteer_id)
    tasks = await Task.filter(volunteer_id=volunteer.person_id, status__in=NOT_BEGUN).order_by("id").only("id")
    return sum([await _free(task.id, volunteer, now=now) for task in tasks])


@db.transaction
async def _free(task_id: int, volunteer: Volunteer, *, now: datetime) -> bool:
    task = await access.any_task(task_id)
    banned = await Volunteer.filter(id=volunteer.id, status=VolunteerStatus.BANNED).exists()
    if not banned or task.volunteer_id != volunteer.person_id or task.status not in NOT_BEGUN:
        return False
    await notify_station(task, TASK_FREE_AGAIN, now=now)
    line = Line("volunteer_banned", None, said="志愿者因故不能前来，任务已重新发布。")
    await move(task, S.PUBLISHED, line, now=now, **FREE)
    return True
