"""Every table, imported once, so that the metadata is whole for Alembic and for tests."""

from sqlmodel import SQLModel

import app.access.models
import app.audit.models
import app.ballots.models
import app.comments.models
import app.committees.models
import app.doors.models
import app.duplicates.models
import app.funding.models
import app.gateway.models
import app.ideas.models
import app.links.models
import app.meetings.models
import app.notices.models
import app.objections.models
import app.outbox.models
import app.overview.models
import app.paper.models
import app.places.models
import app.privacy.models
import app.projects.models
import app.recorded.models
import app.residents.models
import app.results.models
import app.rounds.models  # noqa: F401

metadata = SQLModel.metadata
