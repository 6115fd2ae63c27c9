"""Refusals that any request may get, and those that several nouns share."""

from server.errors.base import Refusal, nullable, optional, required


class BadInput(Refusal):
    """The request breaks the contract; `fields` has every wrong field."""

    code = "bad_input"
    status = 400
    message = "填写的内容有误，请检查后重新提交"
    detail_types = required(fields="fields")


class NotSignedIn(Refusal):
    """The request carries no valid token."""

    code = "not_signed_in"
    status = 401
    message = "请先登录"


class NotAllowed(Refusal):
    """The caller may see this, but not do it."""

    code = "not_allowed"
    status = 403
    message = "您没有权限进行此操作"


class RoleRequired(Refusal):
    """Only a person in the `role` may do this."""

    code = "role_required"
    status = 403
    message = "您的身份不能这样办理"
    detail_types = required(role="string")


class ConflictOfInterest(Refusal):
    """Another person has to do this, because the caller is concerned; `rule` says which rule forbids it."""

    code = "conflict_of_interest"
    status = 403
    message = "您与此事有关，请由其他工作人员办理"
    detail_types = required(rule="string")


class NotFound(Refusal):
    """There is no such thing, or the caller may not know that it exists.

    When the request names several things, `kind` and `ids` or `codes` say which of them are missing.
    """

    code = "not_found"
    status = 404
    message = "没有找到相关内容"
    detail_types = optional(kind="string", ids="ids", codes="codes")


class MethodNotAllowed(Refusal):
    """The path does not know this method; `allowed` has those that it knows."""

    code = "method_not_allowed"
    status = 405
    message = "不支持此操作方式"
    detail_types = optional(allowed="codes")


class BodyTooLarge(Refusal):
    """The body is larger than `limit_bytes`."""

    code = "body_too_large"
    status = 413
    message = "提交的内容太大"
    detail_types = optional(limit_bytes="integer")


class UnsupportedMediaType(Refusal):
    """The Content-Type is not the `expected` one."""

    code = "unsupported_media_type"
    status = 415
    message = "提交的内容格式不支持"
    detail_types = required(expected="string")


class IdempotencyKeyReused(Refusal):
    """The same Idempotency-Key came with another request."""

    code = "idempotency_key_reused"
    status = 409
    message = "内容和上一次提交的不同，请返回重新填写后再提交"


class TooManyRequests(Refusal):
    """Too many requests in a short time."""

    code = "too_many_requests"
    status = 429
    message = "操作太频繁，请稍后再试"
    retry_after_seconds = 60
    detail_types = required(retry_after_seconds="integer")


class Busy(Refusal):
    """The server is busy. Nothing was done; the same request may be repeated."""

    code = "busy"
    status = 503
    message = "现在人多，请稍等几秒再试"
    retry_after_seconds = 2


class NotReady(Refusal):
    """The server takes no requests now: it is `stopping`, or its database does not answer."""

    code = "not_ready"
    status = 503
    message = "服务暂时不可用，请稍后再试"
    retry_after_seconds = 2
    detail_types = required(stopping="boolean")


class OutcomeUnknown(Refusal):
    """The change may or may not have been made: repeat the request with the same Idempotency-Key to learn it."""

    code = "outcome_unknown"
    status = 503
    message = "网络中断，暂时不能确认是否成功，请稍后重试"
    retry_after_seconds = 3


class ServerError(Refusal):
    """A fault of the server; the request id finds it in the log."""

    code = "server_error"
    status = 500
    message = "系统出错了，我们会尽快处理，请稍后再试"


class InvalidState(Refusal):
    """The `status` of the thing does not allow this: read it again to see what may be done now."""

    code = "invalid_state"
    status = 409
    message = "目前的状态不能这样办理，请刷新后查看"
    detail_types = required(status="string")


class AlreadyDecided(Refusal):
    """A decision was made before."""

    code = "already_decided"
    status = 409
    message = "已经有人作出决定"


class AlreadySubmitted(Refusal):
    """The request may be submitted once, and was."""

    code = "already_submitted"
    status = 409
    message = "已经申请过一次，不能再次申请"


class AlreadyExists(Refusal):
    """There is such a thing already; `id` says which one, where the caller may know it."""

    code = "already_exists"
    status = 409
    message = "已经有相同的内容"
    detail_types = optional(id="id")


class DeadlinePassed(Refusal):
    """The time for it is over: it was possible `until` then."""

    code = "deadline_passed"
    status = 409
    message = "已超过可办理的期限（{until}）"
    detail_types = required(until="moment")


class TooEarly(Refusal):
    """The time for it has not come: it is possible from `possible_from` on."""

    code = "too_early"
    status = 409
    message = "还没有到可以这样办理的时间，请在{possible_from}以后再试"
    detail_types = required(possible_from="moment")


class LimitReached(Refusal):
    """The request goes beyond a limit.

    `limit` is the most there may be; `left` is what remains of it, for the `day` or `month` when it has one.
    """

    code = "limit_reached"
    status = 409
    message = "超过了允许的数量"
    detail_types = optional(limit="integer", left="integer")


class BelowMinimum(Refusal):
    """The number is lower than the `minimum` that is taken or promised already."""

    code = "below_minimum"
    status = 409
    message = "数量不能再少"
    detail_types = required(minimum="integer")


class OutOfRange(Refusal):
    """The number is not between `minimum` and `maximum`."""

    code = "out_of_range"
    status = 409
    message = "数值超出允许的范围"
    detail_types = required(minimum="integer", maximum="integer")


class DateOutOfRange(Refusal):
    """The day is before `earliest` or after `latest`."""

    code = "date_out_of_range"
    status = 409
    message = "日期超出允许的范围"
    detail_types = optional(earliest="day", latest="day")


class TimeConflict(Refusal):
    """The time overlaps with another one; `ended_at` is null while the other still runs."""

    code = "time_conflict"
    status = 409
    message = "时间有冲突，请核对"
    detail_types = required(started_at="moment") | nullable(ended_at="moment")


class FieldNotEditable(Refusal):
    """The caller may not change these `fields`, or not any more."""

    code = "field_not_editable"
    status = 409
    message = "有的内容现在不能修改"
    detail_types = required(fields="codes")


class ReasonRequired(Refusal):
    """A reason is missing."""

    code = "reason_required"
    status = 409
    message = "请写明理由"


class NotApplicable(Refusal):
    """There is nothing to do here."""

    code = "not_applicable"
    status = 409
    message = "不需要这样办理"
