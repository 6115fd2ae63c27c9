"""The in-app inbox."""

from miniprogram_contract.base import Reference, ReferenceKind
from miniprogram_contract.notifications import (
    NotificationDetail,
    NotificationFilter,
    NotificationPage,
    NotificationTemplate,
    ReadNotifications,
)
from server.adapters.clock import Moment
from server.domain import notifications
from server.handlers import subjects
from server.handlers.http import Caller, cursor, endpoint
from server.models import Notice


@endpoint("GET", "/me/notifications", query=NotificationFilter, reply=NotificationPage)
async def list_notifications(query: NotificationFilter, caller: Caller) -> NotificationPage:
    """List the caller's notices, newest first."""
    found = await notifications.inbox(
        caller.person_id, before=cursor.after(query.after), limit=query.limit, unread_only=query.unread
    )
    following = cursor.following(found.notices, query.limit, lambda one: (one.created_at, one.id))
    return NotificationPage(items=[_notice(one) for one in found.notices], next=following, unread=found.unread)


@endpoint("PUT", "/me/notifications/<notification_id:int>/reading", reply=NotificationDetail)
async def read_notification(notification_id: int, caller: Caller, now: Moment) -> NotificationDetail:
    """Mark a notice as read."""
    return _notice(await notifications.mark_read(notification_id, of=caller.person_id, now=now))


@endpoint("POST", "/me/notifications/reading", reply=ReadNotifications, subject=subjects.OWN)
async def read_all_notifications(caller: Caller, now: Moment) -> ReadNotifications:
    """Mark all notices as read."""
    return ReadNotifications(read=await notifications.mark_all_read(of=caller.person_id, now=now))


def _notice(one: Notice) -> NotificationDetail:
    return NotificationDetail(
        id=one.id,
        template=NotificationTemplate(one.template),
        title=one.title,
        body=one.body,
        reference=_opens(one),
        created_at=one.created_at,
        read_at=one.read_at,
    )


def _opens(one: Notice) -> Reference | None:
    if one.subject_kind is None or one.subject_id is None:
        return None
    return Reference(kind=ReferenceKind(one.subject_kind), id=one.subject_id)
