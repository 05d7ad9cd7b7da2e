"""China has one time zone; days are days there."""

from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
