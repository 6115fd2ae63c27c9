"""Notices about satisfaction: their texts."""

from server.domain.notifications import NoticeTemplate
from server.models import CallBackReason

CALL_BACK_LOW_RATING = NoticeTemplate(
    "call_back_low_rating", title="有一条回访", body="居民评价较低，请在期限内回访。", opens="call_back"
)
CALL_BACK_STILL_LOW = NoticeTemplate(
    "call_back_still_low",
    title="有一条回访",
    body="居民对重新办理的结果仍不满意，请督促站点并在期限内回访。",
    opens="call_back",
)
CALL_BACK_SAMPLE = NoticeTemplate(
    "call_back_sample", title="有一条回访", body="抽到一条随机回访，请在期限内完成。", opens="call_back"
)
CALL_BACK_OPENED = {
    CallBackReason.LOW_RATING: CALL_BACK_LOW_RATING,
    CallBackReason.STILL_LOW: CALL_BACK_STILL_LOW,
    CallBackReason.SAMPLE: CALL_BACK_SAMPLE,
}
CALL_BACK_OVERDUE = NoticeTemplate(
    "call_back_overdue", title="回访超期", body="有一条回访已超期，请安排。", opens="need"
)
CALL_BACK_UNSATISFIED = NoticeTemplate(
    "call_back_unsatisfied", title="回访不满意", body="居民回访时不满意，请跟进。", opens="need"
)
ACTIVITY_RATED_LOW = NoticeTemplate(
    "activity_rated_low",
    title="活动评价较低",
    body="“{activity}”的评价结果已出，其中有较低的评价，请了解原因并改进。",
    opens="activity",
)
