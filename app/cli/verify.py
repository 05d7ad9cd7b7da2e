"""``gongyi verify``: recount a public bundle offline."""

from pathlib import Path
from typing import Annotated

import typer

from app.tally import verify as verifier


def verify(
    bundle: Annotated[Path, typer.Argument(help="bundle.zip, or the folder it was unpacked into.")],
    *,
    tracker: Annotated[str | None, typer.Option(help="Show the ballot with this tracker.")] = None,
    receipt: Annotated[
        Path | None, typer.Option(help="Say what became of the ballot of this receipt (JSON).")
    ] = None,
    every_step: Annotated[
        bool, typer.Option("--every-step", help="Raise the shares step by step (may take hours).")
    ] = False,
) -> None:
    """Recount a public bundle offline: signatures, the board and its heads, envelopes, ballots, the count.

    Ends with 0 when all facts hold, 1 when one does not (an unknown receipt, too), 2 when it could not be checked. The
    file app/tally/verify.py does the same by itself, with nothing but Python.
    """
    arguments = [str(bundle)]
    arguments += ["--tracker", tracker] if tracker else []
    arguments += ["--receipt", str(receipt)] if receipt else []
    arguments += ["--every-step"] if every_step else []
    raise typer.Exit(verifier.main(arguments))
