"""What does not add up in a batch, in words for the two who sign for it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.paper.rules import FEWEST_TOGETHER, BatchCount, Returned, Unfinished


class Finding(StrEnum):
    """What is wrong with a batch, more exactly than what keeps it from being counted."""

    NOT_RETURNED = "not_returned"
    MORE_SHEETS_THAN_SIGNATURES = "more_sheets_than_signatures"
    FEWER_SHEETS_THAN_SIGNATURES = "fewer_sheets_than_signatures"
    ENVELOPES_DIFFER = "envelopes_differ"
    TOO_SMALL = "too_small"
    NOT_KEYED = "not_keyed"
    KEYED_ONCE = "keyed_once"
    DIFFERING = "differing"
    TOO_MANY_KEYED = "too_many_keyed"


@dataclass(frozen=True)
class Said:
    """A finding in both languages."""

    finding: Finding
    zh: str
    en: str

    def sentence(self, language: str) -> str:
        """In ``zh-CN`` or ``en``."""
        return self.zh if language.startswith("zh") else self.en


def findings(
    count: BatchCount, unfinished: list[Unfinished], *, sheets: int, once: int, differing: int
) -> list[Said]:
    """Everything that has to be put right before a batch is counted, the first thing first.

    Args:
        count: the batch in numbers.
        unfinished: what keeps it from being counted.
        sheets: how many were printed.
        once: how many sheets wait for a second person.
        differing: how many wait for a third look.
    """
    back = count.returned
    if back is None:
        return [
            Said(
                Finding.NOT_RETURNED,
                f"还没有交回：印了 {sheets} 张，{count.signed_in} 人签名领票。请清点后填写交回数。",
                f"Not returned: {sheets} printed, {count.signed_in} signed for. Count them and say what came back.",
            )
        ]
    found: list[Said] = []
    if Unfinished.DOES_NOT_ADD_UP in unfinished:
        found += _not_adding_up(count, back)
    if Unfinished.TOO_SMALL in unfinished:
        found.append(
            Said(
                Finding.TOO_SMALL,
                f"票箱里只有 {back.used} 张，不足 {FEWEST_TOGETHER} 张容易看出是谁投的，请先并入其他批次再录入。",
                f"Only {back.used} sheets in the urn; fewer than {FEWEST_TOGETHER} could point at people: merge first.",
            )
        )
    if Unfinished.NOT_KEYED in unfinished:
        found += _keying(count, back, once=once, differing=differing)
    return found


def _not_adding_up(count: BatchCount, back: Returned) -> Iterator[Said]:
    signed, closed = count.signed_in, count.stay_closed
    if back.unopened > closed or (closed and back.used > signed - closed):
        yield Said(
            Finding.ENVELOPES_DIFFER,
            f"手机上也投了票的有 {closed} 个信封应当不拆，填的是 {back.unopened} 个。请对照领票名单重新清点信封。",
            f"{closed} envelopes stay closed because their voters voted online; {back.unopened} were counted. "
            "Compare the envelopes with the list of signatures.",
        )
    sheets = back.used + back.unopened + back.not_handed_in
    if sheets > signed:
        yield Said(
            Finding.MORE_SHEETS_THAN_SIGNATURES,
            f"签名 {signed} 个，交回的票（含未交回的）{sheets} 张，多 {sheets - signed} 张。先重新清点票和签名；"
            "多出的票不能用任何办法补平，确实多出时由主任和监督委员整批搁置。",
            f"{signed} signatures, {sheets} sheets: {sheets - signed} too many. Count both again; sheets without a "
            "signature are never made good. If they remain, chair and supervisor set the batch aside.",
        )
    elif sheets < signed:
        yield Said(
            Finding.FEWER_SHEETS_THAN_SIGNATURES,
            f"签名 {signed} 个，票箱里 {back.used} 张，少 {signed - sheets} 张。如果有人领了票没有投，"
            f"请把“领走未交回”改成 {back.not_handed_in + signed - sheets} 并写明原因。",
            f"{signed} signatures, {back.used} sheets in the urn: {signed - sheets} too few. If people took sheets and "
            f"did not hand them in, declare {back.not_handed_in + signed - sheets} with the reason.",
        )


def _keying(count: BatchCount, back: Returned, *, once: int, differing: int) -> Iterator[Said]:
    if count.keyed > back.used:
        yield Said(
            Finding.TOO_MANY_KEYED,
            f"录入了 {count.keyed} 张，票箱里只清点了 {back.used} 张。重新清点，或由主任撤掉录错编号的那张。",
            f"{count.keyed} keyed, {back.used} counted in the urn. Count again, or have the chair throw away a sheet "
            "that was keyed under a wrong serial.",
        )
    if count.keyed < back.used:
        yield Said(
            Finding.NOT_KEYED,
            f"还有 {back.used - count.keyed} 张没有人录完。",
            f"{back.used - count.keyed} sheets have not been keyed by anybody.",
        )
    if once:
        yield Said(
            Finding.KEYED_ONCE,
            f"{once} 张只有一个人录过，还要第二个人。",
            f"{once} sheets were keyed by one person and wait for a second.",
        )
    if differing:
        yield Said(
            Finding.DIFFERING,
            f"{differing} 张两个人录得不同，等第三个人看票。",
            f"{differing} sheets were read differently and wait for a third look.",
        )
