"""A key in three shares: who holds them, and what a share is: 33 words (SLIP-0039) that a person can write down.

Any two shares give the key (Shamir 1979); one alone leaves 2**224 keys equally likely, of which nobody finds the right
one (the standard spends 32 of 256 bits on telling whether shares belong together). Splitting and joining is the
reference library's work; the words are English, the only list the standard has.
"""

import re
import unicodedata
import uuid
from collections.abc import Collection, Mapping
from enum import StrEnum

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORD_INDEX_MAP

from app.access.roles import Role
from app.ballots.errors import WordsMiscounted, WordsMisspelt, WordsMixedUp
from app.core.canonical import sha256_hex

#: So many shares open the box.
NEEDED = 2
#: A key of 32 bytes takes so many words.
WORDS = 33
_PURPOSE = "gongyi share v1"
_NUMBERING = re.compile(r"[0-9]{1,2}[.):、]?")


class Holder(StrEnum):
    """Who keeps one share: three sides that do not answer to each other."""

    PLATFORM = "platform"
    SUBDISTRICT = "subdistrict"
    RESIDENTS = "residents"


#: In which role somebody acts for a holder, over the round's division.
HOLDER_ROLES: Mapping[Holder, Role] = {
    Holder.PLATFORM: Role.ADMINISTRATOR,
    Holder.SUBDISTRICT: Role.SUBDISTRICT_OFFICER,
    Holder.RESIDENTS: Role.SUPERVISOR,
}


def split(secret: bytes) -> dict[Holder, str]:
    """A 32-byte secret as one share for each holder; another split of the same secret gives other words."""
    # One group of members; no passphrase, so that no work is spent on stretching one.
    (members,) = generate_mnemonics(1, [(NEEDED, len(Holder))], secret, iteration_exponent=0)
    return dict(zip(Holder, members, strict=True))


def combine(shares: Collection[str]) -> bytes | None:
    """The secret behind `NEEDED` different shares; nothing if they do not belong together."""
    try:
        secret: bytes = combine_mnemonics(shares)
    except MnemonicError:
        return None
    return secret


def read(typed: str) -> str:
    """A share as somebody typed it, in its one spelling: upper case, blanks, lines and numbering do not matter.

    Raises:
        WordsMisspelt: saying where, and never what: an answer must not repeat a secret.
        WordsMiscounted: too few or too many.
        WordsMixedUp: each word exists, but they are not a share.
    """
    parts = re.split(r"[\s,，]+", unicodedata.normalize("NFKC", typed).lower().strip())
    words = [part for part in parts if part and not _NUMBERING.fullmatch(part)]
    unknown = [position for position, word in enumerate(words, start=1) if word not in WORD_INDEX_MAP]
    if unknown:
        raise WordsMisspelt(positions=", ".join(map(str, unknown[:WORDS])))
    if len(words) != WORDS:
        raise WordsMiscounted(words=len(words), needed=WORDS)
    text = " ".join(words)
    try:
        Share.from_mnemonic(text)
    except MnemonicError:
        raise WordsMixedUp from None  # the library's message names words
    return text


def fingerprint(*, round_id: uuid.UUID, words: str) -> str:
    """What stands for a share in public: 256 unknown bits are in the words, so that nobody finds them by trying."""
    return sha256_hex(_PURPOSE.encode() + b"\0" + round_id.bytes + words.encode())
