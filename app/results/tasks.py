"""What results do beside everything else: counting what was opened, and explaining what was counted."""

from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from app.ballots import service as ballots
from app.ballots.rules import Stage
from app.ballots.tasks import give_up_unsealing, unsealing_beat
from app.core.db import Database, DatabaseBusy
from app.core.progress import Beat, Interrupted
from app.core.signer import Signer
from app.results.service import counting, explaining
from app.tally import count as tally_count
from app.tally.explain import explain, spending
from app.tally.rivals import groups, rivals

_COUNTING = (Stage.COUNT, Stage.RECOUNT, Stage.PUBLISH)


def count_due(database: Database, *, signer: Signer, keep_going: Callable[[], bool] = lambda: True) -> bool:
    """Count an open box twice and announce the result; false when nothing was to do."""
    with database.writing() as session:
        task = ballots.claim_unsealing(session, stages=_COUNTING)
    if task is None:
        return False
    beat = unsealing_beat(database, task, keep_going)
    try:
        with beat.during(Stage.COUNT):
            with database.reading() as session:
                begun = counting.begin_count(session, round_id=task.round_id)
            outcome = counting.count(begun)
        with beat.during(Stage.RECOUNT):
            counting.recount(begun, outcome)
        with beat.during(Stage.PUBLISH):
            ballots_pb = counting.write_ballots(begun, outcome)
            with database.writing() as session:
                counting.publish_count(
                    session, task, counting=begun, outcome=outcome, ballots_pb=ballots_pb, signer=signer
                )
    except (Interrupted, DatabaseBusy):  # taken up again when it has been silent for a minute
        return False
    except SQLAlchemyError:
        raise  # the database is away: taken up again as well
    except Exception as error:  # noqa: BLE001 - whatever it is, staff must see that it does not go on
        give_up_unsealing(database, task, error)
    return True


def explain_due(database: Database, *, resamples: int, keep_going: Callable[[], bool] = lambda: True) -> bool:
    """Explain the oldest result that is not explained yet; false when nothing was finished.

    Args:
        database: where results are.
        resamples: how often to draw the ballots anew.
        keep_going: is asked now and then; the work ends without a result when it says no.
    """
    with database.writing() as session:
        task = explaining.claim_explanation(session)
    if task is None:
        return False

    def note(stage: str, done: int, of: int) -> bool:
        with database.writing() as session:
            return explaining.note_progress(session, task, stage=stage, done=done, of=of)

    beat = Beat(note, keep_going)
    try:
        outcome = tally_count(task.given)
        found = explaining.Findings(
            rivals=tuple(rivals(task.given, outcome, progress=beat)),
            groups=groups(task.given, outcome, task.categories),
            kinds=spending(task.given, outcome, task.kinds),
            explanation=explain(
                task.given, outcome, categories=task.categories, places=task.places, resamples=resamples,
                progress=beat,
            ),
        )  # fmt: skip
    except Interrupted:
        return False
    with database.writing() as session:
        return explaining.finish_explanation(session, task, found)
