"""Notices about points."""

from server.domain.notifications import NoticeTemplate

POINTS_GRANTED = NoticeTemplate(
    "points_granted", title="积分到账", body="您获得{points}积分，可在爱心超市兑换物品。", opens="earning"
)
POINTS_WAITING = NoticeTemplate(
    "points_waiting", title="积分等待公示", body="您的{points}积分已通过审核，公示无异议后到账。", opens="earning"
)
POINTS_LISTED = NoticeTemplate(
    "points_listed", title="积分公示中", body="您的积分正在公示，公示期满无异议后到账。", opens="public_notice"
)
POINTS_FROZEN = NoticeTemplate(
    "points_frozen", title="积分暂缓发放", body="有人对您公示中的积分提出异议，核实后再发放。", opens="earning"
)
POINTS_REFUSED = NoticeTemplate(
    "points_refused", title="积分不予发放", body="公示中的{points}积分经核实不予发放。", opens="earning"
)
POINTS_TAKEN_BACK = NoticeTemplate(
    "points_taken_back", title="积分收回", body="一条服务记录被撤销，相应的{points}积分已收回。", opens="earning"
)
DEED_REFUSED = NoticeTemplate(
    "deed_refused", title="积分事项未通过", body="您申报的积分事项未通过审核，请查看原因。", opens="earning"
)
OBJECTION_MADE = NoticeTemplate(
    "objection_made", title="公示有异议", body="有一条公示积分被提出异议，请核实。", opens="objection"
)
OBJECTION_UPHELD = NoticeTemplate(
    "objection_upheld", title="异议已处理", body="您提出的异议经核实成立。", opens="objection"
)
OBJECTION_REFUSED = NoticeTemplate(
    "objection_refused", title="异议已处理", body="您提出的异议经核实不成立。", opens="objection"
)
POINTS_EXPIRING = NoticeTemplate(
    "points_expiring", title="积分即将到期", body="您有{points}积分将于{day}到期，请在此之前到爱心超市兑换。"
)
POINTS_EXPIRED = NoticeTemplate(
    "points_expired", title="积分已到期", body="您在{year}年及以前获得的{points}积分已到期。"
)
