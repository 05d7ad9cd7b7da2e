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


class ImportIdTaken(Conflict):
    """There is an import with this id already. Please upload the file again."""

    code = "roster_import_id_taken"
    zh = "这个导入编号已经用过，请重新上传。"


class ResidentNotFound(NotFound):
    """There is no such resident here."""

    code = "resident_not_found"
    zh = "这里没有这位居民。"


class RowsTaken(Conflict):
    """Somebody else has this number, or this place on the roster, by now. It cannot be taken back any more."""

    code = "roster_rows_taken"
    zh = "这个手机号或这户的姓名现在已经属于别人，不能再撤销。"


class ListTooLong(Invalid):
    """The list has more than {most} people. Please take one building at a time."""

    code = "resident_list_too_long"
    zh = "名单超过 {most} 人，请按楼栋分次导出。"


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


class RegistrationKnown(Conflict):
    """The roster names this person in this home already. Please take the number over for them instead."""

    code = "registration_known"
    zh = "名册上这一户已经有这个人，请选“就是名册上的这位”，把手机号记到他名下。"


class ResidentHasPhone(Conflict):
    """This resident has a number already; whose it is has to be found out first."""

    code = "resident_has_phone"
    zh = "这位居民已经有手机号，请先核实号码是谁的。"


class PhoneKnownElsewhere(Conflict):
    """This number stands for somebody in another community too. Please approve the registration as somebody new."""

    code = "phone_known_elsewhere"
    zh = "这个手机号在别的社区也登记着，请作为新居民通过。"
