"""Refusals about service records."""

from server.errors.base import Refusal


class ServiceTimeWrong(Refusal):
    """It ends a whole minute after it began at the earliest, a day at the latest."""

    code = "service_time_wrong"
    status = 409
    message = "服务时间有误：结束应晚于开始，至少1分钟，最多24小时"


class FutureService(Refusal):
    """Only what is over is served."""

    code = "future_service"
    status = 409
    message = "服务还没有结束，不能登记未来的时间"


class ServiceTooOld(Refusal):
    """Too long ago to be back-entered. Details: `earliest`."""

    code = "service_too_old"
    status = 409
    message = "这次服务的时间太久了，已不能补录"


class ServiceOverlaps(Refusal):
    """One person serves at one place at a time. Details: `started_at`, `ended_at` of the other, null while it runs."""

    code = "service_overlaps"
    status = 409
    message = "这段时间与您已登记的另一次服务重叠，请核对起止时间"


class ServiceDayFull(Refusal):
    """More than a person may serve on a day. Details: `day`, and `left_minutes` of it."""

    code = "service_day_full"
    status = 409
    message = "超过了每人每天可登记的服务时间"


class ServiceMonthFull(Refusal):
    """More than a person may back-enter for a month. Details: `month`, and `left_minutes` of it."""

    code = "service_month_full"
    status = 409
    message = "超过了每人每月可补录的服务时间"


class NotServedThere(Refusal):
    """Time is claimed at the station one volunteers for, or where one has served before."""

    code = "not_served_there"
    status = 409
    message = "只能向您所属的站点，或您曾经服务过的站点申报"


class RecordNotNow(Refusal):
    """The record's status does not allow it. Details: `status`."""

    code = "record_not_now"
    status = 409
    message = "这条服务记录目前的状态不能这样办理，请刷新后查看"


class OwnServiceRecord(Refusal):
    """Four eyes: neither who served, nor whom it helped, nor who lives with either."""

    code = "own_service_record"
    status = 403
    message = "自己、家人或服务对象不能审核这条服务记录，请由其他工作人员办理"


class SecondReviewer(Refusal):
    """Four eyes: who confirmed or reviewed it before, or a wish they published or confirmed, does not approve it."""

    code = "second_reviewer"
    status = 403
    message = (
        "这次服务由您经办或核实过，请由另一位工作人员审批；站内没有别人可以审批时，请站长或上级为本站增加一位工作人员"
    )


class ReviewFirst(Refusal):
    """Back-entered time is looked at by two."""

    code = "review_first"
    status = 409
    message = "补录的服务要先由另一位工作人员初审"


class ReviewNotNeeded(Refusal):
    """Verified time is approved at once."""

    code = "review_not_needed"
    status = 409
    message = "这次服务有签到签退记录，不需要初审，请直接审批"


class NotConfirmedYet(Refusal):
    """The beneficiary has time to confirm or dispute it. Details: `possible_from`."""

    code = "not_confirmed_yet"
    status = 409
    message = "服务对象还没有确认，请等待确认，逾期后可以说明理由直接审批"


class SilenceUnexplained(Refusal):
    """Approving what the beneficiary never confirmed takes a reason."""

    code = "silence_unexplained"
    status = 409
    message = "服务对象没有确认，请写明核实的经过"
