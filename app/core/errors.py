"""What can go wrong, in five families.

    DomainError
    ├── NotSignedIn    401  who are you?
    ├── NotAllowed     403  we know you, and you may not
    ├── NotFound       404  missing, or foreign to you: the same answer
    ├── Conflict       409  not in this state
    │   └── Outdated   412  somebody changed it since you read it
    ├── Invalid        422  malformed input
    │   └── TooLarge   413
    ├── TooMany        429  later, please
    └── Unavailable    503  a part we need is out of reach; safe to repeat

A concrete error is a subclass beside the code that raises it. Its docstring is the English sentence a person reads
(facts may stand in it in braces), ``zh`` the Chinese one, ``code`` the stable name for programs. Errors know no HTTP
status; `app.core.web` gives each family its own.
"""

import re
from typing import ClassVar

from app.core.spoken import spoken

Fact = str | int | bool | None | list[str] | list[int] | list[dict[str, str | int | None]]


class DomainError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    zh: ClassVar[str] = "出错了。"

    def __init__(self, **facts: Fact) -> None:
        super().__init__(type(self).code)
        self.facts: dict[str, Fact] = facts

    def sentence(self, language: str) -> str:
        """What happened and what to do, in ``zh-CN`` or ``en``."""
        template = type(self).zh if language.startswith("zh") else type(self).template()
        return template.format_map(
            _Tolerant({name: self.said(name, value, language) for name, value in self.facts.items()})
        )

    def said(self, name: str, value: Fact, language: str) -> str:
        """A fact as the sentence says it; where a domain has words of its own, they come first."""
        return spoken(name, value, language)

    @classmethod
    def template(cls) -> str:
        """The first line of the docstring, with facts in braces."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]

    @classmethod
    def outline(cls) -> str:
        """The English sentence for a list of errors: an ellipsis stands where facts would."""
        return re.sub(r"\{\w+\}", "…", cls.template())

    @classmethod
    def title(cls, language: str = "en") -> str:
        """The same for every occurrence, and without a gap: where the sentence has facts, that of its family."""
        chinese = language.startswith("zh")
        families = (each for each in cls.__mro__ if issubclass(each, DomainError) and "zh" in vars(each))
        sentences = (each.zh if chinese else each.template() for each in families)
        return next(each for each in sentences if "{" not in each)


class _Tolerant(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


class NotSignedIn(DomainError):
    """Please sign in first."""

    code = "not_signed_in"
    zh = "请先登录。"


class NotAllowed(DomainError):
    """Your account may not do this."""

    code = "not_allowed"
    zh = "您的账号不能进行这个操作。"


class NotFound(DomainError):
    """There is nothing here."""

    code = "not_found"
    zh = "没有找到。"


class Conflict(DomainError):
    """This is not possible in the present state."""

    code = "conflict"
    zh = "当前状态下不能这样做。"


class Outdated(Conflict):
    """It was changed since you last read it. Please load it again."""

    code = "outdated"
    zh = "内容已有更新，请刷新后再试。"


class Invalid(DomainError):
    """The input is malformed."""

    code = "invalid_input"
    zh = "填写的内容有误。"


class TooLarge(Invalid):
    """This is larger than the {limit_bytes} bytes we accept here."""

    code = "body_too_large"
    zh = "内容太大，这里最多接受 {limit_bytes} 字节。"


class WordsNeeded(Invalid):
    """Please say why in words, with at least {least} letters. Dots or the same letter again and again say nothing."""

    code = "words_needed"
    zh = "请用文字写明理由，至少 {least} 个字；只写标点、数字或重复的字不行。"


class TooMany(DomainError):
    """Too many attempts. Please try again in {retry_after} seconds."""

    code = "too_many_requests"
    zh = "操作太频繁，请 {retry_after} 秒后再试。"


class Unavailable(DomainError):
    """The service cannot do this right now. Nothing was lost; please try again in {retry_after} seconds."""

    code = "unavailable"
    zh = "服务暂时不可用，没有丢失任何内容，请 {retry_after} 秒后再试。"
