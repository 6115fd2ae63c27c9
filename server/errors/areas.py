"""Refusals about areas and their editions."""

from server.errors.base import Refusal, required
from server.errors.common import InvalidState, TooEarly


class InvalidAreaFile(Refusal):
    """The file has wrong lines: `lines` has up to 100 of them; `more` says that there are others."""

    code = "invalid_area_file"
    status = 400
    message = "区划文件有误，请按提示修改后重新提交"
    detail_types = required(lines="lines", more="boolean")


class EditionTooOld(Refusal):
    """An edition of `valid_from` was applied, which is later."""

    code = "edition_too_old"
    status = 409
    message = "已经采用了更新的区划版本，不能再导入更早的版本"
    detail_types = required(valid_from="day")


class EditionNotYetValid(TooEarly):
    message = "这个区划版本{possible_from}起生效，到时才能采用"


class EditionDecided(InvalidState):
    message = "这个区划版本已经处理过了"


class EditionOutdated(Refusal):
    """Another edition was applied after this one was proposed: its changes are not those that were shown."""

    code = "edition_outdated"
    status = 409
    message = "在此期间采用了另一个区划版本，请重新提交这个文件，核对后再采用"
