"""What can go wrong at the door."""

from app.access.duties import REASONS, ROLE_NAMES, Reason
from app.access.roles import Role
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, TooMany, Unavailable


class TokenInvalid(NotSignedIn):
    """This sign-in is not valid. Please sign in again."""

    code = "token_invalid"
    zh = "登录状态无效，请重新登录。"


class TokenExpired(NotSignedIn):
    """Your sign-in has expired. Please sign in again."""

    code = "token_expired"
    zh = "登录已过期，请重新登录。"


class SignInNotFresh(NotAllowed):
    """To protect your data, please sign in once more: this needs a sign-in of the last {minutes} minutes."""

    code = "sign_in_not_fresh"
    zh = "为保护您的资料，请重新登录一次再继续（登录须在 {minutes} 分钟之内）。"


class SessionNotFound(NotFound):
    """There is no such sign-in of yours."""

    code = "session_not_found"
    zh = "没有这次登录。"


class WrongCode(NotSignedIn):
    """The code is wrong or no longer valid. Please check it or ask for a new one."""

    code = "wrong_code"
    zh = "验证码不对或已失效，请核对，或重新获取。"


class TooManyWrongCodes(TooMany):
    """Too many wrong codes. Please try again in {retry_after} seconds, or sign in with your phone."""

    code = "too_many_wrong_codes"
    zh = "输错的投票码太多，请 {retry_after} 秒后再试，或用手机验证码登录。"


class WrongPassword(NotSignedIn):
    """Name or password is wrong."""

    code = "wrong_password"
    zh = "账号或密码不对。"


class PhoneMalformed(Invalid):
    """Please enter a mainland mobile number: 11 digits beginning with 1."""

    code = "phone_malformed"
    zh = "请输入 11 位手机号码。"


class CodeTooSoon(TooMany):
    """A code was sent a moment ago. You can ask for another in {retry_after} seconds."""

    code = "code_too_soon"
    zh = "验证码刚刚发出，{retry_after} 秒后可以重新获取。"


class TooManyCodes(TooMany):
    """Too many codes were asked for this number. Please try again in {retry_after} seconds."""

    code = "too_many_codes"
    zh = "这个号码获取验证码的次数太多，请 {retry_after} 秒后再试。"


class TooManyPasswordAttempts(TooMany):
    """Too many wrong passwords or codes for this name. Please try again in {retry_after} seconds."""

    code = "too_many_password_attempts"
    zh = "密码或动态码输错次数太多，请 {retry_after} 秒后再试。"


class SecondFactorNeeded(NotSignedIn):
    """Please enter the code of your authenticator app, or a recovery code."""

    code = "second_factor_needed"
    zh = "请输入身份验证器上的动态码，或一个备用码。"


class SecondFactorWrong(NotAllowed):
    """The code is wrong or was used already. Please enter the one your app shows now, or a recovery code."""

    code = "second_factor_wrong"
    zh = "动态码不对或已用过，请输入身份验证器上现在显示的动态码，或一个备用码。"


class SecondFactorMissing(NotAllowed):
    """Please set up your authenticator app first: your account works only with codes from it."""

    code = "second_factor_missing"
    zh = "请先绑定身份验证器：您的账号要有动态码才能使用。"


class FreshCodeNeeded(NotAllowed):
    """This act has to be confirmed by a code of your authenticator app."""

    code = "fresh_code_needed"
    zh = "这项操作要用身份验证器上的动态码确认。"


class NoOffer(Conflict):
    """Too much time has passed. Please begin once more to set up the authenticator app."""

    code = "second_factor_not_begun"
    zh = "时间太久了，请重新开始绑定身份验证器。"


class SecondAdministratorNeeded(Conflict):
    """Another administrator has to confirm this: neither who proposed it nor whom it is about."""

    code = "second_administrator_needed"
    zh = "须由另一位管理员确认：提出的人和当事人本人都不能确认。"


class ProposalNotFound(NotFound):
    """There is no such proposal waiting."""

    code = "proposal_not_found"
    zh = "没有这项待确认的申请。"


class ProposedAlready(Conflict):
    """This has been proposed already and waits for another administrator."""

    code = "proposed_already"
    zh = "已经提出过，正在等另一位管理员确认。"


class GrantHeld(Conflict):
    """The account holds this role there already."""

    code = "grant_held"
    zh = "这个账号已经有这项授权。"


class NotEnrolled(Conflict):
    """This account has no second factor that could be reset."""

    code = "not_enrolled"
    zh = "这个账号没有绑定身份验证器，不用重置。"


class OutsideYourDivision(NotFound):
    """There is no such division that you administer."""

    code = "outside_your_division"
    zh = "您管理的范围内没有这个区划。"


class SmsUnavailable(Unavailable):
    """Short messages cannot be sent right now. Please ask your committee for a paper code."""

    code = "sms_unavailable"
    zh = "短信暂时发不出去，请到居委会领取纸质验证码。"


class WeChatCodeInvalid(NotSignedIn):
    """WeChat does not know this code any more. Please try once more."""

    code = "wechat_code_invalid"
    zh = "微信登录凭证已失效，请再试一次。"


class WeChatTooOften(TooMany):
    """You have signed in with WeChat too often. Please try again in {retry_after} seconds."""

    code = "wechat_too_often"
    zh = "微信登录太频繁，请 {retry_after} 秒后再试。"


class WeChatBlocked(NotAllowed):
    """WeChat does not let this WeChat account sign in. You can sign in with your phone number instead."""

    code = "wechat_blocked"
    zh = "微信限制了这个微信号登录，您可以改用手机验证码登录。"


class WeChatBusy(Unavailable):
    """WeChat does not answer. Please try again in {retry_after} seconds, or sign in with a code sent to your phone."""

    code = "wechat_busy"
    zh = "微信暂时没有响应，请 {retry_after} 秒后再试，或改用手机验证码登录。"


class WeChatQuotaSpent(Unavailable):
    """WeChat takes no more sign-ins for now. Please sign in with a code sent to your phone."""

    code = "wechat_quota_spent"
    zh = "微信登录暂时用完了额度，请改用手机验证码登录。"


class WeChatUnavailable(Unavailable):
    """Signing in with WeChat is not set up here. Please sign in with a code sent to your phone."""

    code = "wechat_unavailable"
    zh = "这里还没有开通微信登录，请改用手机验证码登录。"


class WeChatNotBound(Conflict):
    """This WeChat account is not known here yet. Show once who you are: by your phone number, or a code on paper."""

    code = "wechat_not_bound"
    zh = "这个微信号还没有绑定，请用手机号或纸质验证码确认一次身份。"


class WeChatBindingInvalid(NotSignedIn):
    """Too much time has passed, or this was done already. Please open the mini program again."""

    code = "wechat_binding_invalid"
    zh = "时间太久或已经绑定过了，请重新打开小程序。"


class TicketInvalid(NotSignedIn):
    """This way in was used already or has expired. Please go back and enter again."""

    code = "ticket_invalid"
    zh = "进入凭证已用过或已过期，请返回后重新进入。"


class LinkInvalid(NotFound):
    """This one-time link was used already or has expired. Ask for a new one."""

    code = "link_invalid"
    zh = "这个一次性链接已用过或已过期，请重新索取。"


class LinkCodeNeeded(NotAllowed):
    """Please enter the code that another administrator gave you for this link."""

    code = "link_code_needed"
    zh = "请输入另一位管理员交给您的链接确认码。"


class LinkCodeWrong(NotAllowed):
    """This is not the code for this link. Ask the other administrator for it; with a new link comes a new code."""

    code = "link_code_wrong"
    zh = "链接确认码不对，请向另一位管理员核对；换了新链接，确认码也要重新领取。"


class NoLinkWaiting(NotFound):
    """There is no unused link of this account that needs a code. Make a new link first."""

    code = "no_link_waiting"
    zh = "这个账号没有等待确认码的链接，请先由一位管理员生成新链接。"


class PasswordTooWeak(Invalid):
    """Please choose a password of at least {least} characters that is not made of one repeated pattern."""

    code = "password_too_weak"
    zh = "密码至少 {least} 个字符，并且不能是简单重复。"


class NameTaken(Conflict):
    """This sign-in name is taken."""

    code = "name_taken"
    zh = "这个登录名已被使用。"


class AccountNotFound(NotFound):
    """There is no such account here."""

    code = "account_not_found"
    zh = "没有这个账号。"


class GrantNotFound(NotFound):
    """There is no such grant."""

    code = "grant_not_found"
    zh = "没有这项授权。"


class RoleNotGrantable(Invalid):
    """This role cannot be given to this kind of account."""

    code = "role_not_grantable"
    zh = "这种账号不能授予该角色。"


class SupervisorInCommittee(Conflict):
    """A residents' supervisor must not work for the committee at the same time (Organic Law, art. 36)."""

    code = "supervisor_in_committee"
    zh = "居务监督委员会成员不得同时在居委会任职（居民委员会组织法第三十六条）。"


class RolesNotTogether(Conflict):
    """One account cannot be {first} and {second} over the same place: {reason}."""

    code = "roles_not_together"
    zh = "同一个账号不能在同一范围内既是{first}又是{second}：{reason}。"

    def __init__(self, first: Role, second: Role, reason: Reason) -> None:
        super().__init__(first=first.value, second=second.value, reason=reason.value)
        self._named = (first, second, reason)

    def sentence(self, language: str) -> str:
        """What happened, with roles and reason by their names in that language."""
        first, second, reason = self._named
        chinese = language.startswith("zh")
        template = self.zh if chinese else self.template()
        place = 0 if chinese else 1
        return template.format(
            first=ROLE_NAMES[first][place], second=ROLE_NAMES[second][place], reason=REASONS[reason][place]
        )


class ClientAssertionInvalid(NotSignedIn):
    """The client assertion is not valid."""

    code = "client_assertion_invalid"
    zh = "客户端凭证无效。"


class KeyMalformed(Invalid):
    """This is not a PEM public key on the curve P-256."""

    code = "key_malformed"
    zh = "这不是 P-256 曲线的 PEM 公钥。"


class NotForThisAudience(NotAllowed):
    """This token is for another part of the service."""

    code = "wrong_audience"
    zh = "这个凭证不适用于此接口。"


class NotReady(Unavailable):
    """The service is starting or its database is being prepared. Please try again in {retry_after} seconds."""

    code = "not_ready"
    zh = "服务正在启动或数据库正在准备中，请 {retry_after} 秒后再试。"
