"""What can go wrong with a ballot."""

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, Outdated, Unavailable


class NotOnTheRoll(NotAllowed):
    """You are not on the roll of this round. If you live here, ask your committee or register yourself."""

    code = "not_on_the_roll"
    zh = "您不在这轮投票的名册上。如果您住在这里，请联系居委会，或自行登记。"


class CodeForAnotherRound(NotAllowed):
    """The one-time code you signed in with is for another round."""

    code = "code_for_another_round"
    zh = "您登录用的一次性投票码不是用于这轮投票的。"


class SignedInOnPaper(Conflict):
    """You signed in for a paper ballot in this round, so that it is the one that counts."""

    code = "signed_in_on_paper"
    zh = "您已在本轮投票中领取纸质选票，以纸质选票为准。"


class AlreadyVotedOnline(Conflict):
    """They have a ballot in the online box, and what came first counts in this round: no sheet is handed out."""

    code = "already_voted_online"
    zh = "这一位（户）已在手机上投票，本轮以先投的为准，不再发纸质选票。"


class BallotChanged(Outdated):
    """Your ballot was changed on another phone since you read it. Please look again before you replace it."""

    code = "ballot_changed"
    zh = "您的选票已在另一部手机上改过，请先查看再更换。"


class NoBallot(NotFound):
    """There is no ballot of yours in this round."""

    code = "no_ballot"
    zh = "这轮投票里没有您的选票。"


class UnknownProject(Invalid):
    """The ballot names a project that is not on this round's list: {project_id}"""  # noqa: D415

    code = "unknown_project"
    zh = "选票里有不在本轮名单上的项目：{project_id}"


class RepeatedProject(Invalid):
    """The ballot ranks one project twice: {project_id}"""  # noqa: D415

    code = "repeated_project"
    zh = "选票里有重复的项目：{project_id}"


class TooManyRanks(Invalid):
    """The ballot ranks {ranks} projects; at most {most} are allowed here."""

    code = "too_many_ranks"
    zh = "选票排了 {ranks} 个项目，本轮最多 {most} 个。"


class BoxDamaged(Conflict):
    """The ballot box does not open: {reason}. Nothing was changed; the round can be voided."""

    code = "box_damaged"
    zh = "票箱无法开启：{reason}。没有改动任何内容，可宣布本轮作废。"


class UnsealingFault(Conflict):
    """Something went wrong on our side while the box was opened ({kind}). Nothing was announced; please ask again."""

    code = "unsealing_fault"
    zh = "开箱时系统出错（{kind}）。没有公布任何内容，可以再次申请开箱。"


class KeyMissing(Unavailable):
    """The round's key is not in the key store of this machine."""

    code = "key_missing"
    zh = "本机的密钥库里没有这轮投票的钥匙。"


class PublishedAsAggregates(NotFound):
    """So few ballots were cast that publishing them could show who voted how. They can be inspected on site."""

    code = "published_as_aggregates"
    zh = "选票太少，公开逐张选票可能暴露个人选择，只公布汇总，可到现场查验。"


class NotOpenedYet(NotFound):
    """The ballot box has not been opened yet."""

    code = "box_not_opened"
    zh = "票箱还没有开启。"


class BoxNotClosed(NotFound):
    """The ballot box has not been closed yet."""

    code = "box_not_closed"
    zh = "票箱还没有关闭。"


class EnvelopeNotInBox(NotFound):
    """No envelope with this hash was in force when the box was closed."""

    code = "envelope_not_in_box"
    zh = "截止时票箱内没有这个指纹的有效信封。"


class BoardEntryNotFound(NotFound):
    """There is no entry {position} on a board of {size} entries."""

    code = "board_entry_not_found"
    zh = "公示榜有 {size} 条记录，没有第 {position} 条。"


class BoardSizeOutOfRange(Invalid):
    """This board has {size} entries; sizes run from 1 to that, and the earlier one is not the larger one."""

    code = "board_size_out_of_range"
    zh = "公示榜现有 {size} 条记录：条数应在 1 与它之间，且较早的条数不能更大。"


class KeyShareMissing(KeyMissing):
    """The box opens with {needed} shares of its key; {entered} have been entered so far."""

    code = "key_share_missing"
    zh = "开启票箱需要 {needed} 份钥匙份额，目前已录入 {entered} 份。"


class KeyNotSplit(Conflict):
    """The key of this round is kept in one place; there are no shares of it."""

    code = "key_not_split"
    zh = "这轮投票的钥匙由一处保管，没有分成份额。"


class KeyNotShared(Conflict):
    """The round cannot open before these holders have confirmed their shares of its key: {holders}."""

    code = "key_not_shared"
    zh = "以下持有人确认钥匙份额之前，投票不能开始：{holders}。"


class ShareOfAnotherHolder(NotAllowed):
    """This share belongs to another holder."""

    code = "share_of_another_holder"
    zh = "这份钥匙份额属于另一位持有人。"


class ShareOfAnotherAccount(NotAllowed):
    """Somebody else took this share."""

    code = "share_of_another_account"
    zh = "这份钥匙份额已由另一个账号领取。"


class OneShareEach(Conflict):
    """You have another share of this key already: three shares are for three people."""

    code = "one_share_each"
    zh = "您已有这把钥匙的另一份份额：三份份额须由三个人分别持有。"


class ShareNotTaken(Conflict):
    """Nobody has taken this share yet."""

    code = "share_not_taken"
    zh = "这份钥匙份额还没有人领取。"


class ShareConfirmed(Conflict):
    """This share was confirmed; its words are not here any more."""

    code = "share_confirmed"
    zh = "这份钥匙份额已经确认，本机不再保存这些词。"


class ShareGone(Conflict):
    """The words of this share are not here any more. Confirm them if you have them, or have all shares made anew."""

    code = "share_gone"
    zh = "本机已没有这份钥匙份额的词。如果您手里有，请直接确认；否则请作废全部份额，重新生成。"


class ShareEntered(Conflict):
    """This share was entered already."""

    code = "share_entered"
    zh = "这份钥匙份额已经录入过了。"


class WordsMisspelt(Invalid):
    """These words, by their numbers, are not in the list of words: {positions}."""

    code = "words_misspelt"
    zh = "以下序号的词不在词表里：{positions}。"


class WordsMiscounted(Invalid):
    """A share has {needed} words; these are {words}."""

    code = "words_miscounted"
    zh = "一份钥匙份额是 {needed} 个词，现在是 {words} 个。"


class WordsMixedUp(Invalid):
    """All of these words exist, but they are not a share: one was replaced by another, or two changed places."""

    code = "words_mixed_up"
    zh = "这些词都在词表里，但不是一份有效的份额：有词写成了别的词，或者次序颠倒。"


class WordsOfAnotherHolder(Invalid):
    """These are the words of another holder's share."""

    code = "words_of_another_holder"
    zh = "这是另一位持有人的份额。"


class WordsOfAnotherKey(Invalid):
    """This is a share of another key: of another round, or made before the shares were discarded."""

    code = "words_of_another_key"
    zh = "这是另一把钥匙的份额：属于别的投票，或是作废以前生成的。"
