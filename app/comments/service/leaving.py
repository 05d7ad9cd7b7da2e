"""What we know of somebody here, and forgetting it.

A comment is somebody's own voice, unlike an idea that neighbours made theirs: its words go with its author. Where it
was answered the answers stay, under "deleted by its author". Reports go too.
"""

import uuid

from sqlmodel import Session

from app.comments import queries
from app.comments.rules import CommentState
from app.comments.service.posting import erase
from app.core.canonical import Plain
from app.ideas.rules import Byline


def export_of(session: Session, account_id: uuid.UUID) -> dict[str, Plain]:
    """Everything somebody wrote and reported, as JSON."""
    return {
        "comments": [
            {
                "id": str(row.id),
                "kind": row.kind.value,
                "subject_id": str(row.subject_id),
                "words": row.words,
                "shown_as": row.byline.value,
                "state": row.state.value,
                "posted_at": row.posted_at.isoformat(),
            }
            for row in queries.comments_by(session, account_id)
        ],
        "comment_reports": [
            {
                "comment_id": str(row.comment_id),
                "code": row.code.value,
                "words": row.words,
                "at": row.at.isoformat(),
            }
            for row in queries.reports_by(session, account_id)
        ],
    }


def forget(session: Session, account_id: uuid.UUID) -> None:
    """Erase the words somebody wrote, and that it was them; doing it again changes nothing."""
    for row in queries.comments_by(session, account_id):
        if row.state is not CommentState.DELETED:
            erase(session, row)
        row.account_id = row.building = None
        row.byline = Byline.FORGOTTEN
        session.add(row)
    for report in queries.reports_by(session, account_id):
        session.delete(report)
