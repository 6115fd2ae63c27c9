"""Refusals that come from WeChat, in a resident's words."""

from server.errors.base import Refusal


class CodeRefused(Refusal):
    """The sign-in code is wrong, too old or already used: `wx.login` gives a new one."""

    code = "code_refused"
    status = 401
    message = "登录没有成功，请重新登录"


class WeChatBlockedUser(Refusal):
    """WeChat itself holds this user for high-risk and lets nobody sign them in."""

    code = "wechat_blocked_user"
    status = 403
    message = "微信限制了您的账号登录，请到附近的社工站，由工作人员为您办理"


class WeChatTooOften(Refusal):
    """WeChat counts calls for each user and minute."""

    code = "wechat_too_often"
    status = 429
    message = "登录太频繁，请过一分钟再试"
    retry_after_seconds = 60


class WeChatBusy(Refusal):
    """WeChat answered that it is busy, twice."""

    code = "wechat_busy"
    status = 503
    message = "微信系统繁忙，请稍后再试"
    retry_after_seconds = 5


class WeChatUnavailable(Refusal):
    """WeChat gave no usable answer, or does not accept this server: the log says which."""

    code = "wechat_unavailable"
    status = 503
    message = "暂时连不上微信，请稍后再试"
    retry_after_seconds = 15
