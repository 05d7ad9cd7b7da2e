"""``gongyi receiver``: a stand-in for a sub-district's system."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from app.cli.settings import stop
from app.demo.receiver import Answerer, Identity, Store, make_receiver


def receiver(
    *,
    base_url: Annotated[str, typer.Option(help="Where our service is.")],
    client_id: Annotated[str, typer.Option(help="The client registered for it.")],
    key: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Its private key, PEM (P-256).")],
    webhook_key: Annotated[str, typer.Option(help="whpk_… key that verifies our messages.")],
    store: Annotated[Path, typer.Option(help="Folder for what it receives.")],
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8100,
    answer: Annotated[
        str, typer.Option(help="Decisions it gives, with commas between; none for none.")
    ] = "received,accepted",
) -> None:
    """Take signed funding requests, read them over the platform API, and answer."""
    try:
        identity = Identity(
            base_url=base_url, client_id=client_id, private_key_pem=key.read_text(), webhook_key=webhook_key,
            answers=() if answer == "none" else tuple(each for each in answer.split(",") if each),
        )  # fmt: skip
        kept = Store(store)
        application = make_receiver(identity, kept)
    except ValueError as error:
        stop(f"--webhook-key: {error}")
    answerer = Answerer(identity, kept)
    answerer.start()
    uvicorn.run(application, host="127.0.0.1", port=port, access_log=False, log_level="warning")
    answerer.stop()
