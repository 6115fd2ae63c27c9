"""Refusals about service records."""

from server.errors.base import Refusal, fixed, required
from server.errors.common import (
    ConflictOfInterest,
    DeadlinePassed,
    InvalidState,
    LimitReached,
    NotApplicable,
    ReasonRequired,
    TimeConflict,
    TooEarly,
)


class InvalidServiceTime(Refusal):
    """A service must last from one minute to 24 hours."""

    code = "invalid_service_time"
    status = 409
    message = "服务时间有误：结束应晚于开始，至少1分钟，最多24小时"


class ServiceNotOver(TooEarly):
    message = "服务还没有结束，{possible_from}以后才能登记"


class BackEntryClosed(DeadlinePassed):
    """The service was too long ago to be back-entered."""

    message = "已超过补录的期限（{until}）"


class ServiceOverlaps(TimeConflict):
    """The volunteer already has a record or a running service in that time."""

    message = "这段时间与您已登记的另一次服务重叠，请核对起止时间"


class ServiceDayLimit(LimitReached):
    """More minutes than a person may serve on a day."""

    message = "超过了每人每天可登记的服务时间"
    detail_types = required(day="day", left="integer")


class ServiceMonthLimit(LimitReached):
    """More minutes than a person may back-enter for a month."""

    message = "超过了每人每月可补录的服务时间"
    detail_types = required(month="month", left="integer")


class NotServedAtStation(Refusal):
    """Time is claimed at the volunteer's own station, or at a station where they served before."""

    code = "not_served_at_station"
    status = 409
    message = "只能向您所属的站点，或您曾经服务过的站点申报"


class InvalidRecordState(InvalidState):
    message = "这条服务记录目前的状态不能这样办理，请刷新后查看"


class OwnServiceRecord(ConflictOfInterest):
    """The caller served or was helped, or lives with a person who was."""

    message = "自己、家人或服务对象不能审核这条服务记录，请由其他工作人员办理"
    fixed_details = fixed(rule="own_service_record")


class EarlierReviewer(ConflictOfInterest):
    """The caller confirmed or reviewed the service, or published the task, so another worker must approve it."""

    message = (
        "这次服务由您经办或核实过，请由另一位工作人员审批；站内没有别人可以审批时，请站长或上级为本站增加一位工作人员"
    )
    fixed_details = fixed(rule="earlier_reviewer")


class ReviewRequired(Refusal):
    """Back-entered time needs a first review before the approval."""

    code = "review_required"
    status = 409
    message = "补录的服务要先由另一位工作人员初审"


class ReviewNotNeeded(NotApplicable):
    """Verified time needs no first review."""

    message = "这次服务有签到签退记录，不需要初审，请直接审批"


class NotConfirmedYet(TooEarly):
    """The beneficiary still has time to confirm or dispute the service."""

    message = "服务对象还没有确认，请等待确认，{possible_from}以后可以说明理由直接审批"


class ConfirmationMissing(ReasonRequired):
    """The approval of a service without the beneficiary's confirmation requires a reason."""

    message = "服务对象没有确认，请写明核实的经过"


class MinutesExceedServed(Refusal):
    """The approved minutes exceed the `served` ones."""

    code = "minutes_exceed_served"
    status = 409
    message = "认定的分钟数不能超过实际服务的分钟数"
    detail_types = required(served="integer")
