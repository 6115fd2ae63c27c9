"""Refusals about needs."""

from server.errors.base import Refusal


class NotNow(Refusal):
    """The need's status does not allow it. Details: `status`."""

    code = "not_now"
    status = 409
    message = "这条需求目前的状态不能这样办理，请刷新后查看最新进展"


class CategoryNotOffered(Refusal):
    """No such category, or no longer in use."""

    code = "category_not_offered"
    status = 409
    message = "没有这一类服务，请重新选择"


class PhotosNotYours(Refusal):
    """Details: `photo_ids` that are not one's own, unused photos."""

    code = "photos_not_yours"
    status = 409
    message = "有照片已失效，请重新上传"


class OwnNeed(Refusal):
    """Four eyes: nobody works on their own need."""

    code = "own_need"
    status = 409
    message = "不能办理自己的需求，请由同事办理"


class NotHead(Refusal):
    """Only the station's head may."""

    code = "not_head"
    status = 403
    message = "只有站长可以这样办理"


class NotAssignee(Refusal):
    """Only the worker the need is assigned to, or the head, may."""

    code = "not_assignee"
    status = 403
    message = "这条需求已派给其他同事，只有经办人或站长可以办理"


class NotTheirWorker(Refusal):
    """The person does not work for the station."""

    code = "not_their_worker"
    status = 409
    message = "该人员不是本站工作人员"


class SameStation(Refusal):
    code = "same_station"
    status = 409
    message = "不能转介给本站"


class StationNotOpen(Refusal):
    """The receiving station is not open, or does not offer the category."""

    code = "station_not_open"
    status = 409
    message = "对方站点未开放或不提供这类服务"


class MustBeTaken(Refusal):
    """The head station decided: it cannot be bounced again."""

    code = "must_be_taken"
    status = 409
    message = "总站已决定由本站办理，不能再退回"


class AlreadyAsked(Refusal):
    """An extension, an appeal or a reopening is possible once."""

    code = "already_asked"
    status = 409
    message = "已经申请过一次，不能再次申请"


class TooLate(Refusal):
    """The time for it is over. Details: `until`."""

    code = "too_late"
    status = 409
    message = "已超过可办理的期限"


class ExtensionTooLong(Refusal):
    """At most as long as the original time. Details: `latest`."""

    code = "extension_too_long"
    status = 409
    message = "延期不能超过原办理期限的长度"


class AlreadyDecided(Refusal):
    code = "already_decided"
    status = 409
    message = "已经有人作出决定"


class OwnRequest(Refusal):
    """Four eyes: nobody decides on their own request, or on what they did themselves."""

    code = "own_request"
    status = 403
    message = "不能审批自己提出或经办的事项"


class UrgedAlready(Refusal):
    """Details: `again_from`."""

    code = "urged_already"
    status = 409
    message = "已经催办过了，工作人员正在处理，请过一段时间再催"


class NotAlike(Refusal):
    """Needs of different people or communities are not merged, nor a need into itself or into an ended one."""

    code = "not_alike"
    status = 409
    message = "这两条需求不能合并"
