"""Whether a volunteer has begun to help with a need: from then on the need cannot be withdrawn."""

from server.models import Task, TaskStatus

WITHOUT_SERVICE = (
    TaskStatus.PUBLISHED,
    TaskStatus.CLAIMED,
    TaskStatus.CONFIRMED,
    TaskStatus.CANCELLED,
    TaskStatus.NO_SHOW,
)


async def service_has_begun(need_id: int) -> bool:
    """Return whether a volunteer has checked in to any task of the need."""
    return await Task.filter(need_id=need_id).exclude(status__in=WITHOUT_SERVICE).exists()
