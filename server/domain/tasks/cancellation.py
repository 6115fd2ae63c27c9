"""A task that ends before anybody began: by its station, or because its need goes elsewhere or ends."""

from datetime import datetime

from server.database import db
from server.domain.tasks import payment
from server.domain.tasks.notifications import TASK_CANCELLED, notify_volunteer
from server.domain.tasks.timeline import Line
from server.domain.tasks.transitions import UNSTARTED, S, move
from server.models import Need, Task


async def cancel(task: Task, *, said: str, note: str, by: int | None, now: datetime) -> None:
    """Cancel a locked task: what is held for it is released, its volunteer is told."""
    await move(task, S.CANCELLED, Line("cancelled", by, said=said, note=note), now=now)
    await notify_volunteer(task, TASK_CANCELLED, now=now)
    await payment.settle(task, 0, by=by, now=now)


async def let_go(need: Need, *, now: datetime) -> None:
    """The locked need leaves its station or ends: its task is cancelled unless somebody has begun to serve."""
    db.must_be_in_transaction()
    task = await Task.filter(need_id=need.id, open=1).select_for_update().first()
    if task is None or task.status not in UNSTARTED:
        return
    task.need = need
    await cancel(task, said="需求有变动，发布给志愿者的任务已取消。", note="需求已转出或结束", by=None, now=now)
