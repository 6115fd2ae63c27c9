"""Public notices 公示 of earned points."""

from miniprogram_contract.base import IdPageQuery, Page
from miniprogram_contract.public_notices import (
    NewPublicNotice,
    PublicNoticeDetail,
    PublicNoticeFilter,
    PublicNoticeSummary,
)
from server.adapters.clock import Moment
from server.domain.points import public_notices
from server.errors import HeadRequired, NothingToPublish
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.points import serializers


@endpoint(
    "POST",
    "/station/public-notices",
    body=NewPublicNotice,
    reply=PublicNoticeSummary,
    subject=subjects.PUBLIC_NOTICE,
    status=201,
    roles=Roles.STAFF,
    refuses=(HeadRequired, NothingToPublish),
)
async def publish_public_notice(body: NewPublicNotice, caller: Caller, now: Moment) -> PublicNoticeSummary:
    """List in public all waiting points of a station that the caller heads."""
    notice = await public_notices.publish(body.station_id, title=body.title, by=caller.scope, now=now)
    return serializers.notice_summary(notice)


@endpoint("GET", "/public-notices", query=PublicNoticeFilter, reply=Page[PublicNoticeSummary], roles=Roles.ANYONE)
async def list_public_notices(query: PublicNoticeFilter) -> Page[PublicNoticeSummary]:
    """List the public notices of a station, newest first."""
    found = await public_notices.list_for_station(query.station, before=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.published_at, one.id))
    return Page[PublicNoticeSummary](items=[serializers.notice_summary(one) for one in found], next=following)


@endpoint("GET", "/public-notices/<notice_id:int>", query=IdPageQuery, reply=PublicNoticeDetail, roles=Roles.ANYONE)
async def get_public_notice(notice_id: int, query: IdPageQuery) -> PublicNoticeDetail:
    """Return a public notice with its entries: masked names, points, and rules."""
    notice = await public_notices.get_notice(notice_id)
    found = await public_notices.list_entries(notice_id, after=query.after or 0, limit=query.limit)
    following = str(found[-1].id) if len(found) == query.limit else None
    items = [serializers.notice_entry(one) for one in found]
    return PublicNoticeDetail(notice=serializers.notice_summary(notice), items=items, next=following)
