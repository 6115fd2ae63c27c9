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
    """A service ends a whole minute after it began at the earliest, a day at the latest."""

    code = "invalid_service_time"
    status = 409
    message = "服务时间有误：结束应晚于开始，至少1分钟，最多24小时"


class ServiceNotOver(TooEarly):
    message = "服务还没有结束，{possible_from}以后才能登记"


class BackEntryClosed(DeadlinePassed):
    """The service was too long ago to be back-entered."""

    message = "已超过补录的期限（{until}）"


class ServiceOverlaps(TimeConflict):
    """A person serves at one place at a time."""

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
    """The caller served, was helped, or lives with the person who served or was helped."""

    message = "自己、家人或服务对象不能审核这条服务记录，请由其他工作人员办理"
    fixed_details = fixed(rule="own_service_record")


class EarlierReviewer(ConflictOfInterest):
    """The caller confirmed or reviewed the service, or published the task, and does not approve it as well."""

    message = (
        "这次服务由您经办或核实过，请由另一位工作人员审批；站内没有别人可以审批时，请站长或上级为本站增加一位工作人员"
    )
    fixed_details = fixed(rule="earlier_reviewer")


class ReviewRequired(Refusal):
    """Back-entered time is checked by two workers."""

    code = "review_required"
    status = 409
    message = "补录的服务要先由另一位工作人员初审"


class ReviewNotNeeded(NotApplicable):
    """Verified time is approved at once."""

    message = "这次服务有签到签退记录，不需要初审，请直接审批"


class NotConfirmedYet(TooEarly):
    """The beneficiary has time to confirm or dispute the service."""

    message = "服务对象还没有确认，请等待确认，{possible_from}以后可以说明理由直接审批"


class ConfirmationMissing(ReasonRequired):
    """Approving a service that the beneficiary never confirmed takes a reason."""

    message = "服务对象没有确认，请写明核实的经过"


class MinutesExceedServed(Refusal):
    """No more minutes than the `served` ones can be approved."""

    code = "minutes_exceed_served"
    status = 409
    message = "认定的分钟数不能超过实际服务的分钟数"
    detail_types = required(served="integer")
