"""The public bundle of a round: everything anybody needs to count again, as files with one spelling."""

import io
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.canonical import Plain, canonical_json, sha256_hex
from app.core.signer import Signer, b64

#: Every entry of the archive carries the same moment, so that the bytes depend on the content alone.
_MOMENT = (1980, 1, 1, 0, 0, 0)

MANIFEST_PURPOSE = "gongyi bundle v1"

README = """\
This is the public record of one voting round. 这是一轮投票的公开记录。

frozen.json     list, costs, rule and dates as frozen at publication 公布时冻结的名单、造价、规则和日期
ballots.pb      all ballots without names, in the order of their trackers (Pabulib format) 全部匿名选票
result.json     the outcome with every step and reason 结果与每一步的理由
envelopes.txt   the sealed envelopes in force at closing: SHA-256, tag of the roll entry, version 截止时有效信封的指纹
set_aside.txt   envelopes not in force at closing: tag, version, why 截止时已撤回或改投纸质票的信封
board.json      the signed public events of the round 本轮的签名公告
heads.json      what was signed about all events so far, whenever one was added 每次公告后对全部公告的签名
manifest.json   SHA-256 of each of these files, signed 以上各文件的指纹与签名

Count again with: gongyi verify bundle.zip   重新计票：gongyi verify bundle.zip
or, with nothing but Python: python3 verify.py bundle.zip (app/tally/verify.py of the service's source code)
"""


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP file whose bytes depend on the files alone, and in which no byte could be another one.

    Not compressed: the same file can be compressed in many ways, and some of them differ in one byte.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_STORED
            entry.create_system = 3  # as on Unix, wherever it is made
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, files[name])
    return out.getvalue()


@dataclass(frozen=True)
class Contents:
    """What goes into a bundle."""

    round_id: uuid.UUID
    frozen: str
    outcome: str
    #: None where only aggregates are published.
    ballots: str | None
    envelopes: str
    set_aside: str
    board: Sequence[Mapping[str, Plain]]
    heads: Sequence[Mapping[str, Plain]]


def files(contents: Contents, *, signer: Signer) -> dict[str, bytes]:
    """The files of a bundle, and a signed list of them: no byte of any can be another one unseen."""
    signed_with = b64(signer.public_key)
    made = {
        "README.txt": README.encode(),
        "frozen.json": contents.frozen.encode(),
        "result.json": contents.outcome.encode(),
        "envelopes.txt": contents.envelopes.encode(),
        "set_aside.txt": contents.set_aside.encode(),
        "board.json": canonical_json({"signed_with": signed_with, "entries": list(contents.board)}),
        "heads.json": canonical_json({"signed_with": signed_with, "heads": list(contents.heads)}),
    }
    if contents.ballots is not None:
        made["ballots.pb"] = contents.ballots.encode()
    return made | {"manifest.json": _manifest(made, contents.round_id, signer)}


def _manifest(made: Mapping[str, bytes], round_id: uuid.UUID, signer: Signer) -> bytes:
    statement: dict[str, Plain] = {
        "purpose": MANIFEST_PURPOSE,
        "round_id": str(round_id),
        "signed_with": b64(signer.public_key),
        "files": {name: sha256_hex(raw) for name, raw in made.items()},
    }
    return canonical_json(statement | {"signature": b64(signer.sign(canonical_json(statement)))})
