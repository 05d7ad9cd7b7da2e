"""The public bundle of a round: everything anybody needs to count again, as files with one spelling."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence

from app.ballots.rules import OpenedBallot
from app.core.canonical import Plain, canonical_json
from app.tally.outcome import Outcome
from app.tally.pabulib import OutFile, OutProject, write

#: Every entry of the archive carries the same moment, so that the bytes depend on the content alone.
_MOMENT = (1980, 1, 1, 0, 0, 0)

README = """\
This is the public record of one voting round. 这是一轮投票的公开记录。

frozen.json     list, costs, rule and dates as frozen at publication 公布时冻结的名单、造价、规则和日期
ballots.pb      all ballots without names, in the order of their trackers (Pabulib format) 全部匿名选票
result.json     the outcome with every step and reason 结果与每一步的理由
envelopes.txt   SHA-256 of every sealed envelope in force at closing 截止时全部信封的指纹
board.json      the signed public events of the round 本轮的签名公告

Count again with: gongyi verify bundle.zip   重新计票：gongyi verify bundle.zip
or, with nothing but Python: python3 verify.py bundle.zip (app/tally/verify.py of the service's source code)
"""


def ballots_pb(
    *,
    frozen: Mapping[str, Plain],
    outcome: Outcome,
    lines: Sequence[OpenedBallot],
    names: Mapping[str, Mapping[str, Plain]],
) -> str:
    """The opened ballots as a `.pb` file: tracker and vote only, projects in the order of the result."""
    order = [*outcome.priority, *outcome.reserve]
    by_id = {each.id: each for each in outcome.projects}
    ids = [each.id for each in outcome.projects]
    comment = (
        f"#1: rule {outcome.rule} version {outcome.version} with {json.dumps(outcome.parameters, sort_keys=True)} "
        "#2: ties as named in result.json #3: voter_id is the voter's tracker"
    )
    return write(
        OutFile(
            meta={
                "description": str(frozen["title"]),
                "country": "China",
                "unit": str(frozen["division_code"]),
                "instance": str(frozen["opens_at"])[:4],
                "budget": _yuan(outcome.budget if outcome.budget is not None else max(outcome.spent, 1)),
                "vote_type": "ordinal",
                "rule": "greedy" if _is_plain_greedy(outcome) else "unknown",
                "date_begin": _day(str(frozen["opens_at"])),
                "date_end": _day(str(frozen["closes_at"])),
                "min_length": "1",
                "max_length": str(min(int(str(frozen["max_rank"])), len(ids))),
                "currency": "CNY",
                "language": "zh",
                "comment": comment,
            },
            projects=[
                OutProject(
                    id=project_id, cost=_yuan(by_id[project_id].cost), votes=by_id[project_id].backers,
                    score=by_id[project_id].points, name=str(names[project_id]["title"]),
                    category=str(names[project_id]["category"]), selected=int(by_id[project_id].funded),
                )
                for project_id in order
            ],
            votes=[(line.tracker, [ids[position] for position in line.ranking]) for line in lines],
        )
    )  # fmt: skip


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP file whose bytes depend on the files alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, files[name])
    return out.getvalue()


def files(
    *, frozen: str, outcome: str, ballots: str | None, envelopes: str, board: Sequence[Mapping[str, Plain]],
    signed_with: str,
) -> dict[str, bytes]:  # fmt: skip
    """The files of a bundle; without ``ballots.pb`` where only aggregates are published."""
    made = {
        "README.txt": README.encode(),
        "frozen.json": frozen.encode(),
        "result.json": outcome.encode(),
        "envelopes.txt": envelopes.encode(),
        "board.json": canonical_json({"signed_with": signed_with, "entries": list(board)}),
    }
    if ballots is not None:
        made["ballots.pb"] = ballots.encode()
    return made


def _is_plain_greedy(outcome: Outcome) -> bool:
    return (
        outcome.rule == "greedy"
        and outcome.parameters["points"] == "own-length"
        and outcome.budget is not None
    )


def _yuan(amount_fen: int) -> str:
    whole, rest = divmod(amount_fen, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _day(moment: str) -> str:
    year, month, day = moment[:10].split("-")
    return f"{day}.{month}.{year}"
