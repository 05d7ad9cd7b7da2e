"""Signing in and out, accounts and their grants: one file for each way in."""

from app.access.service.accounts import (
    account_named,
    account_of,
    create_staff,
    disable_account,
    end_grant,
    forget_expired,
    give_grant,
    holds,
    list_accounts,
)
from app.access.service.clients import register_client, sign_in_client
from app.access.service.codes import (
    SentChallenge,
    phone_fingerprint,
    request_code,
    resident_account,
    send_code,
    sign_in_with_code,
)
from app.access.service.passwords import (
    PasswordTry,
    begin_password_try,
    new_link,
    password_matches,
    redeem_link,
    sign_in_with_password,
)
from app.access.service.sessions import (
    IssuedTokens,
    Rejected,
    SignedIn,
    actor_of,
    end_session,
    refresh,
    signed_in,
    start_session,
)

__all__ = [
    "IssuedTokens",
    "PasswordTry",
    "Rejected",
    "SentChallenge",
    "SignedIn",
    "account_named",
    "account_of",
    "actor_of",
    "begin_password_try",
    "create_staff",
    "disable_account",
    "end_grant",
    "end_session",
    "forget_expired",
    "give_grant",
    "holds",
    "list_accounts",
    "new_link",
    "password_matches",
    "phone_fingerprint",
    "redeem_link",
    "refresh",
    "register_client",
    "request_code",
    "resident_account",
    "send_code",
    "sign_in_client",
    "sign_in_with_code",
    "sign_in_with_password",
    "signed_in",
    "start_session",
]
