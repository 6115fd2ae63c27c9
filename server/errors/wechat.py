"""Refusals that come from WeChat, in a resident's words."""

from server.errors.base import Refusal, fixed
from server.errors.common import TooManyRequests


class InvalidSignInCode(Refusal):
    """The sign-in code is wrong, too old or already used: `wx.login` gives a new one."""

    code = "invalid_sign_in_code"
    status = 401
    message = "登录没有成功，请重新登录"


class WeChatAccountBlocked(Refusal):
    """WeChat itself holds this user for high-risk and does not sign them in."""

    code = "wechat_account_blocked"
    status = 403
    message = "微信限制了您的账号登录，请到附近的社工站，由工作人员为您办理"


class WeChatTooOften(TooManyRequests):
    """WeChat counts calls for each user and minute."""

    message = "登录太频繁，请过一分钟再试"
    fixed_details = fixed(retry_after_seconds=60)


class WeChatUnavailable(Refusal):
    """WeChat gave no usable answer, or does not accept this server: the log says which."""

    code = "wechat_unavailable"
    status = 503
    message = "暂时连不上微信，请稍后再试"
    retry_after_seconds = 15


class WeChatBusy(WeChatUnavailable):
    """WeChat answered that it is busy, twice."""

    message = "微信系统繁忙，请稍后再试"
    retry_after_seconds = 5
