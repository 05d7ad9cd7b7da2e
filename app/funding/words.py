"""What steps, decisions and states are called where a person reads of them: in an error, on paper."""

from collections.abc import Mapping

from app.core.spoken import spoken

_STEPS = {
    "committee": ("居委会", "the residents' committee"), "subdistrict": ("街道", "the sub-district"),
    "district": ("区统筹办", "the district's office"), "bureau": ("主管部门", "the line bureau"),
    "finance": ("财政部门", "finance"), "go_ahead": ("街道（放行）", "the sub-district's go-ahead"),
    "None": ("没有人", "nobody"),
}  # fmt: skip
_DECISIONS = {
    "received": ("收到", "received"), "returned": ("退回补正", "returned"), "accepted": ("同意", "agreed"),
    "approved": ("批准", "approved"), "approved_in_part": ("部分批准", "approved in part"),
    "declined": ("不同意", "declined"), "deferred": ("推迟再议", "put off"), "go_ahead": ("同意实施", "go-ahead"),
}  # fmt: skip
_STATES = {
    **_DECISIONS, "reserve": ("候补", "in the reserve"), "submitted": ("已报送", "submitted"),
    "accepted": ("审核中", "under review"), "deferred": ("已推迟", "put off"),
    "go_ahead": ("已先行实施", "begun first"),
    "returned": ("待补正", "with the committee"), "declined": ("已终止", "declined"),
}  # fmt: skip
_FACTS = {
    "amount_fen": ("金额", "an amount"), "district_fen": ("区承担的金额", "the district's part"),
    "subdistrict_fen": ("街道承担的金额", "the sub-district's part"), "left_out": ("不包括的内容", "what is left out"),
    "year": ("年度", "a year"), "to": ("退回的环节", "the step to hear it again"),
}  # fmt: skip

#: Name of a fact of an error -> its values -> (Chinese, English).
WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "step": _STEPS, "spoke_as": _STEPS, "state": _STATES, "decision": _DECISIONS, "wanted": {**_STATES, **_DECISIONS},
    "fact": _FACTS,
}  # fmt: skip

STEPS_ZH: Mapping[str, str] = {step: zh for step, (zh, _) in _STEPS.items()}
DECISIONS_ZH: Mapping[str, str] = {decision: zh for decision, (zh, _) in _DECISIONS.items()}


def word(fact: str, value: object, language: str) -> str:
    """The word for the value of a fact; as it is read out elsewhere, where funding has none of its own."""
    found = WORDS.get(fact, {}).get(str(value))
    return spoken(fact, value, language) if found is None else found[0 if language.startswith("zh") else 1]
