"""Refusals about areas and their editions."""

from server.errors.base import Refusal


class AreaFileWrong(Refusal):
    """Details: `lines`, up to 100 wrong lines, each with its `line` and `problem`; `more` when there are more."""

    code = "area_file_wrong"
    status = 400
    message = "区划文件有误，请按提示修改后重新提交"


class EditionTooOld(Refusal):
    """Details: `valid_from` of the edition that was applied last."""

    code = "edition_too_old"
    status = 409
    message = "已经采用了更新的区划版本，不能再导入更早的版本"


class EditionNotYetValid(Refusal):
    """Details: `valid_from`."""

    code = "edition_not_yet_valid"
    status = 409
    message = "这个区划版本还没有到生效日期"


class EditionDecided(Refusal):
    """Details: `status`."""

    code = "edition_decided"
    status = 409
    message = "这个区划版本已经处理过了"


class EditionStale(Refusal):
    """Another edition was applied after this one was proposed: what it would change is no longer what was shown."""

    code = "edition_stale"
    status = 409
    message = "在此期间采用了另一个区划版本，请重新提交这个文件，核对后再采用"
