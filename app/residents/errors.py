"""What can go wrong with people and rosters."""

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound


class RosterFileUnreadable(Invalid):
    """This is not a readable .xlsx or .csv file: {reason}."""

    code = "roster_file_unreadable"
    zh = "无法读取这个文件（需要 .xlsx 或 .csv）：{reason}。"


class RosterFileTooLarge(Invalid):
    """The roster is too large: {reason}."""

    code = "roster_file_too_large"
    zh = "名册文件太大：{reason}。"


class RosterColumnsMissing(Invalid):
    """These columns are missing: {columns}. Please start from the template."""

    code = "roster_columns_missing"
    zh = "缺少这些列：{columns}。请使用模板。"


class RosterEmpty(Invalid):
    """The roster has no rows."""

    code = "roster_empty"
    zh = "名册里没有任何一行。"


class ImportNotFound(NotFound):
    """There is no such import here."""

    code = "roster_import_not_found"
    zh = "没有这次导入。"


class ImportHasErrors(Conflict):
    """{errors} rows have errors. Correct the file, or say that these rows may be left out."""

    code = "roster_import_has_errors"
    zh = "有 {errors} 行有错误。请改正文件，或说明可以跳过这些行。"


class ImportOutdated(Conflict):
    """The roster was changed since this preview. Please upload the file again."""

    code = "roster_import_outdated"
    zh = "预览之后名册已有变动，请重新上传。"


class ImportWrongState(Conflict):
    """This import is {state}; that is not possible now."""

    code = "roster_import_wrong_state"
    zh = "这次导入的状态是“{state}”，现在不能这样做。"


class AlreadyOnTheRoster(Conflict):
    """You are on this community's roster already."""

    code = "already_on_the_roster"
    zh = "您已经在本社区的名册上了。"


class RegistrationPending(Conflict):
    """You have registered here already; the committee has not answered yet."""

    code = "registration_pending"
    zh = "您已经登记过，居委会还没有答复。"


class PhoneNotYours(NotAllowed):
    """Please give the number you signed in with."""

    code = "phone_not_yours"
    zh = "请填写您登录时使用的手机号码。"


class RegistrationNotFound(NotFound):
    """There is no such registration here."""

    code = "registration_not_found"
    zh = "没有这条登记。"


class RegistrationDecided(Conflict):
    """This registration was {state} already."""

    code = "registration_decided"
    zh = "这条登记已经处理过（{state}）。"
