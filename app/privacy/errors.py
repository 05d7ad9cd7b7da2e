"""What can go wrong with one's own data."""

from app.core.errors import Outdated, TooMany


class NoticeOutdated(Outdated):
    """There is a newer privacy notice, version {version}. Please read that one."""

    code = "privacy_notice_outdated"
    zh = "隐私说明已更新到第 {version} 版，请阅读新版。"


class ExportsUsedUp(TooMany):
    """You have taken your data along {most} times today. That is possible again tomorrow."""

    code = "exports_used_up"
    zh = "今天已经导出 {most} 次，明天可以再导出。"


class PlanOutdated(Outdated):
    """Something has changed since you read what would be deleted, or it was a while ago. Please read it again."""

    code = "deletion_plan_outdated"
    zh = "您看过的删除说明已有变化或已过时，请重新看一遍再确认。"
