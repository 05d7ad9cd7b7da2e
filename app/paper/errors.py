"""What can go wrong with paper ballots."""

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound


class PaperNotOffered(Conflict):
    """This round has no ballots on paper."""

    code = "paper_not_offered"
    zh = "这轮投票没有纸质选票。"


class PaperBatchNotFound(NotFound):
    """There is no such batch of paper ballots here."""

    code = "paper_batch_not_found"
    zh = "没有这批纸质选票。"


class CommunityNotInRound(NotFound):
    """This is no community of yours in this round."""

    code = "community_not_in_round"
    zh = "本轮投票中没有您负责的这个社区。"


class PaperSignInNotFound(NotFound):
    """Nobody signed in for a paper ballot under this entry."""

    code = "paper_sign_in_not_found"
    zh = "没有这条纸质选票领取记录。"


class NotOnThisRoll(NotFound):
    """Nobody of this batch's community is on the roll of this round under this number."""

    code = "not_on_this_roll"
    zh = "本轮名册上，这批选票所属社区没有这一位。"


class AlreadySignedIn(Conflict):
    """A sheet was handed out for this entry of the roll already; there is one for each."""

    code = "already_signed_in_for_paper"
    zh = "这一位（户）已经领取过纸质选票，每位（户）一张。"


class PaperBatchEnded(Conflict):
    """This batch was merged with another one, or set aside."""

    code = "paper_batch_ended"
    zh = "这批纸质选票已并入其他批次，或已整批搁置。"


class PaperBatchReturned(Conflict):
    """This batch has been returned; take a sheet of another one."""

    code = "paper_batch_returned"
    zh = "这批纸质选票已经交回，请使用其他批次。"


class PaperBatchNotReturned(Conflict):
    """This batch has not been returned yet: count its sheets first."""

    code = "paper_batch_not_returned"
    zh = "这批纸质选票还没有交回，请先清点。"


class PaperBatchUsedUp(Conflict):
    """Every sheet of this batch is given out; take one of another batch."""

    code = "paper_batch_used_up"
    zh = "这批纸质选票已经发完，请使用其他批次。"


class PaperBatchTooSmall(Conflict):
    """A batch of fewer than {fewest} sheets could show who voted how: merge it with another one first."""

    code = "paper_batch_too_small"
    zh = "不足 {fewest} 张的批次可能暴露个人选择，请先与其他批次合并。"


class PaperBatchAddsUp(Conflict):
    """This batch adds up, so that its ballots are counted; it cannot be set aside."""

    code = "paper_batch_adds_up"
    zh = "这批纸质选票数目相符，应当计票，不能搁置。"


class NothingProposed(Conflict):
    """Nobody has proposed to set this batch aside."""

    code = "setting_aside_not_proposed"
    zh = "还没有人提议搁置这批纸质选票。"


class AnotherPersonNeeded(NotAllowed):
    """Setting a batch aside takes two people: somebody other than the one who proposed it."""

    code = "another_person_needed"
    zh = "搁置一批选票需要两个人：请由提议人以外的另一位确认。"


class SameBatch(Invalid):
    """A batch cannot be merged with itself."""

    code = "same_paper_batch"
    zh = "不能把一批选票并入它自己。"


class MoreThanPrinted(Invalid):
    """More sheets came back, or were not handed in, than the {printed} that were printed."""

    code = "more_than_printed"
    zh = "交回和未交回的张数超过了印制的 {printed} 张。"


class SheetsMissing(Invalid):
    """{missing} sheets are missing. Please say why; the reason is made public with the result."""

    code = "paper_sheets_missing"
    zh = "少了 {missing} 张选票，请说明原因；原因会随结果公布。"


class NoOuterEnvelopes(Invalid):
    """There are no outer envelopes in this round: sheets go into the urn."""

    code = "no_outer_envelopes"
    zh = "本轮投票不用外信封，选票直接投入票箱。"


class PaperNotReconciled(Conflict):
    """Paper ballots are not finished yet, and the box stays closed until they are: {batches}"""  # noqa: D415

    code = "paper_not_reconciled"
    zh = "纸质选票尚未核对完毕，暂不能开箱：{batches}"


# --- what is wrong with a keyed sheet: in `key`, values in the answer, so that one does not take the others with it --


class SerialMalformed(Invalid):
    """This is no serial of ours: look again at each character."""

    code = "serial_malformed"
    zh = "编号有误，请逐字核对。"


class SheetNotInBatch(NotFound):
    """No sheet of this batch has this serial."""

    code = "sheet_not_in_batch"
    zh = "本批次没有这个编号的选票。"


class SerialRepeated(Invalid):
    """This serial stands in the list twice."""

    code = "serial_repeated"
    zh = "这个编号在本次录入中重复。"


class SheetNotKeyed(NotFound):
    """Nobody has keyed this sheet."""

    code = "sheet_not_keyed"
    zh = "这张选票还没有人录入。"


class KeyedByYou(Conflict):
    """You have keyed this sheet already; another person must."""

    code = "sheet_keyed_by_you"
    zh = "这张选票您已录入过，须由另一人录入。"


class SheetDecided(Conflict):
    """This sheet needs no further look."""

    code = "sheet_decided"
    zh = "这张选票已经录入完毕，不需要再看。"


class MoreThanInTheUrn(Conflict):
    """More sheets than the {used} that were counted in the urn: count again, or look for a serial keyed wrongly."""

    code = "more_than_in_the_urn"
    zh = "超过了票箱中清点的 {used} 张，请重新清点，或查找录错的编号。"


class NumberUnknown(Invalid):
    """{number} is not on the list. If the sheet says so, key it as unreadable."""

    code = "number_unknown"
    zh = "名单上没有 {number} 号。如果票面确实如此，请录为“无法辨认”。"


class NumberRepeated(Invalid):
    """{number} stands there twice. If it does on the sheet, key it as unreadable."""

    code = "number_repeated"
    zh = "{number} 号填了两次。如果票面确实如此，请录为“无法辨认”。"


class TooManyNumbers(Invalid):
    """More than {most} numbers. If the sheet has so many, key it as having too many ranks."""

    code = "too_many_numbers"
    zh = "超过 {most} 个编号。如果票面确实如此，请录为“超出数量”。"
