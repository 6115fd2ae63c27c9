"""Refusals any request may meet."""

from server.errors.base import Refusal


class BadInput(Refusal):
    """Details: `fields`, one entry for every wrong field, each with its place and what is wrong."""

    code = "bad_input"
    status = 400
    message = "填写的内容有误，请检查后重新提交"


class NotSignedIn(Refusal):
    code = "not_signed_in"
    status = 401
    message = "请先登录"


class NotAllowed(Refusal):
    code = "not_allowed"
    status = 403
    message = "您没有权限进行此操作"


class NotFound(Refusal):
    """Also the answer for what the caller may not know to exist."""

    code = "not_found"
    status = 404
    message = "没有找到相关内容"


class MethodNotAllowed(Refusal):
    code = "method_not_allowed"
    status = 405
    message = "不支持此操作方式"


class BodyTooLarge(Refusal):
    code = "body_too_large"
    status = 413
    message = "提交的内容太大"


class WrongContentType(Refusal):
    code = "wrong_content_type"
    status = 415
    message = "提交的内容格式不支持"


class KeyReused(Refusal):
    """The same Idempotency-Key came with another request."""

    code = "key_reused"
    status = 409
    message = "请勿用同一个提交编号提交不同的内容"


class TooManyRequests(Refusal):
    """Details: `retry_after_seconds`."""

    code = "too_many_requests"
    status = 429
    message = "操作太频繁，请稍后再试"
    retry_after_seconds = 60


class Busy(Refusal):
    """Nothing was done; the same request may be repeated."""

    code = "busy"
    status = 503
    message = "现在人多，请稍等几秒再试"
    retry_after_seconds = 2


class OutcomeUnknown(Refusal):
    """The change may or may not have been made: repeat the request with the same Idempotency-Key to learn it."""

    code = "outcome_unknown"
    status = 503
    message = "网络中断，暂时不能确认是否成功，请稍后重试"
    retry_after_seconds = 3


class ServerFault(Refusal):
    """Something broke that should not; the request id finds it in the log."""

    code = "server_fault"
    status = 500
    message = "系统出错了，我们会尽快处理，请稍后再试"
