"""Refusals about accounts that are shut out."""

from server.errors.base import Refusal, fixed
from server.errors.common import ConflictOfInterest, InvalidState, NotAllowed


class AccountShutOut(Refusal):
    """The account was shut out: nothing can be done with it until an officer readmits the person."""

    code = "account_shut_out"
    status = 403
    message = "您的账号已被停用，不能登录。如有疑问请到社工站或区县主管部门询问。生命危险请拨110、120，心理热线12356"


class OrdererShutOut(AccountShutOut):
    message = "兑换人的账号已被停用，暂时不能领取，请联系区县主管部门"


class OwnAccount(ConflictOfInterest):
    message = "不能处理自己的账号"
    fixed_details = fixed(rule="own_account")


class NameFixed(Refusal):
    """Staff and volunteers do not rename themselves: who appointed or approved them changes the name."""

    code = "name_fixed"
    status = 409
    message = "您担任职务或是志愿者，姓名请联系任命您的人或您的服务站更改"


class OwnName(ConflictOfInterest):
    message = "不能更改自己的姓名"
    fixed_details = fixed(rule="own_name")


class AccountOutOfReach(NotAllowed):
    """The person is an officer, works in another county too, or was shut out by the city."""

    message = "您没有权限处理这个账号，请由市级办理"


class ShutOutAlready(InvalidState):
    message = "这个账号已经停用"
    fixed_details = fixed(status="shut_out")


class NotShutOut(InvalidState):
    message = "这个账号没有被停用"
    fixed_details = fixed(status="admitted")
