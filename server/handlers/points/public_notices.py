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
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.points import serializers


@endpoint(
    "POST",
    "/station/public-notices",
    body=NewPublicNotice,
    reply=PublicNoticeSummary,
    status=201,
    roles=Roles.STAFF,
    refuses=(HeadRequired, NothingToPublish),
)
async def publish_public_notice(body: NewPublicNotice, caller: Caller, now: Moment) -> PublicNoticeSummary:
    """List all approved points of a station one heads that wait for it."""
    notice = await public_notices.publish(body.station_id, title=body.title, by=caller.scope, now=now)
    return serializers.public_notice(await public_notices.one(notice.id))


@endpoint("GET", "/public-notices", query=PublicNoticeFilter, reply=Page[PublicNoticeSummary], roles=Roles.ANYONE)
async def list_public_notices(query: PublicNoticeFilter) -> Page[PublicNoticeSummary]:
    """The public notices of a station, newest first."""
    found = await public_notices.of_station(query.station, before=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.published_at, one.id))
    return Page[PublicNoticeSummary](items=[serializers.public_notice(one) for one in found], next=following)


@endpoint("GET", "/public-notices/<notice_id:int>", query=IdPageQuery, reply=PublicNoticeDetail, roles=Roles.ANYONE)
async def get_public_notice(notice_id: int, query: IdPageQuery) -> PublicNoticeDetail:
    """A public notice and its lines: masked names, points, and what for."""
    notice = await public_notices.one(notice_id)
    found = await public_notices.lines_of(notice_id, after=query.after or 0, limit=query.limit)
    following = str(found[-1].id) if len(found) == query.limit else None
    items = [serializers.line(one) for one in found]
    return PublicNoticeDetail(notice=serializers.public_notice(notice), items=items, next=following)
