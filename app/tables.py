"""Every table, imported once, so that the metadata is whole for Alembic and for tests."""

from sqlmodel import SQLModel

import app.access.models
import app.audit.models
import app.outbox.models  # noqa: F401

metadata = SQLModel.metadata
