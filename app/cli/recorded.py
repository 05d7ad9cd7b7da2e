"""``gongyi verify-recorded``: count a recorded vote again, from its file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.core.signer import verifies
from app.tally.double_quorum import requirements
from app.tally.errors import MalformedInput
from app.tally.recorded import RecordDiffers, check


def verify_recorded(
    file: Annotated[Path, typer.Argument(help="The answer of GET /api/v1/rounds/{id}/decision/record.")],
    *,
    signed_with: Annotated[
        str | None, typer.Option(help="The service's public key, base64, as you know it from elsewhere.")
    ] = None,
) -> None:
    """Count a recorded vote again, offline: signatures, roll, votes, thresholds, figures.

    Ends with 0 when all facts hold, 1 when one does not (it is named), 2 when it could not be checked.
    """
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        if signed_with is not None and record["signed_with"] != signed_with:
            print("does not hold: it is signed with another key")
            raise typer.Exit(1)
        decision = check(record, verifies=verifies)
    except RecordDiffers as error:
        print(error)
        raise typer.Exit(1) from error
    except (OSError, ValueError, KeyError, TypeError, MalformedInput) as error:
        print(f"cannot be checked: {error}")
        raise typer.Exit(2) from error
    for each in requirements(decision):
        part = f"{'more than' if each.share.strictly else 'at least'} {each.share.part}"
        reached = f"{each.missing} short" if each.missing else "reached"
        print(f"{each.stage} by {each.measure}: {each.have} of {each.whole}, {part} is needed, {reached}")
    print(f"all facts hold; {'passed' if decision.passed else 'not passed'}")
