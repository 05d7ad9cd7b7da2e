"""Telling people that a sheet was taken in their name."""

from app.access.ports import SmsGateway

#: The template agreed with the provider; its words stand in docs/operations.md.
NOTICE = "paper_sign_in"


def send_notice(*, phone: str, round_title: str, sms: SmsGateway) -> None:
    """Tell somebody that a sheet was taken in their name; whose, where and when is not in the message."""
    sms.send_notice(phone=phone, template=NOTICE, params={"round": round_title})
