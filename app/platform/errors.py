"""What can go wrong for a government's system."""

from app.core.errors import Invalid


class UnsupportedGrant(Invalid):
    """Only client_credentials with a JWT assertion (RFC 7523) is supported."""

    code = "unsupported_grant"
    zh = "只支持 client_credentials 方式和 JWT 断言（RFC 7523）。"


class ScopeNotHeld(Invalid):
    """The scope asked for is not one this client holds: {held}."""

    code = "scope_not_held"
    zh = "申请的权限范围超出本客户端所持有的范围：{held}。"
