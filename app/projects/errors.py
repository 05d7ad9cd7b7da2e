"""What can go wrong with a project."""

from app.core.errors import Conflict, Invalid, NotFound, Outdated


class ProjectNotFound(NotFound):
    """There is no such project here."""

    code = "project_not_found"
    zh = "没有这个项目。"


class ProjectWrongState(Conflict):
    """The project is {state}; this step does not follow from there."""

    code = "project_wrong_state"
    zh = "这个项目当前是“{state}”，不能进行这一步。"


class ProjectFrozen(Conflict):
    """The project stands on a published round's list and can no longer change."""

    code = "project_frozen"
    zh = "项目已列入公布的投票名单，不能再改。"


class ProjectOutdated(Outdated):
    """The project was changed since you read it. Please load it again."""

    code = "project_outdated"
    zh = "项目已被别人修改，请刷新后再试。"


class CostsTooLarge(Invalid):
    """The cost items add up to more than can be handled."""

    code = "costs_too_large"
    zh = "费用合计超出了系统能处理的范围。"


class BuildingNotHere(Invalid):
    """These buildings are not in the project's community: {building_ids}."""

    code = "building_not_here"
    zh = "这些楼栋不在项目所在的社区：{building_ids}"


class PhotoUnreadable(Invalid):
    """This is not a photo we can read (JPEG, PNG or WebP)."""

    code = "photo_unreadable"
    zh = "无法读取这张照片（支持 JPEG、PNG、WebP）。"


class PhotoTooLarge(Invalid):
    """This photo has more than {most_megapixels} million pixels."""

    code = "photo_too_large"
    zh = "照片超过 {most_megapixels} 百万像素。"


class TooManyPhotos(Conflict):
    """A project can have at most {most} photos."""

    code = "too_many_photos"
    zh = "一个项目最多 {most} 张照片。"


class PhotoNotFound(NotFound):
    """There is no such photo."""

    code = "photo_not_found"
    zh = "没有这张照片。"


class PhotosChanged(Conflict):
    """The photos are no longer the ones you saw. Please load them again."""

    code = "photos_changed"
    zh = "照片已有变动，请刷新后再排。"


class ExclusionUnfit(Invalid):
    """Only two projects of one community that are still on offer can be marked as one or the other."""

    code = "exclusion_unfit"
    zh = "只有同一社区里两个还没有结束的项目，才能标为“只能做一个”。"


class ProjectImportNotFound(NotFound):
    """There is no such uploaded list."""

    code = "project_import_not_found"
    zh = "没有这次导入。"


class ProjectImportWrongState(Conflict):
    """This list is {state}; it can be committed once."""

    code = "project_import_wrong_state"
    zh = "这份清单当前是“{state}”，只能提交一次。"


class ProjectImportHasErrors(Conflict):
    """{errors} projects of this list have errors. Mend the file, or leave them out."""

    code = "project_import_has_errors"
    zh = "清单里有 {errors} 个项目填写有误，请改好文件再上传，或者选择跳过。"


class ProjectColumnsMissing(Invalid):
    """These columns are missing: {columns}."""

    code = "project_columns_missing"
    zh = "缺少这些列：{columns}"


class ProjectListEmpty(Invalid):
    """There is no project under the headings."""

    code = "project_list_empty"
    zh = "表头下面没有项目。"
