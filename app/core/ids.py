"""Identifiers: random UUIDs, made here and not by the database, so that they say nothing about time or order."""

import uuid


def new_id() -> uuid.UUID:
    """A fresh random identifier."""
    return uuid.uuid4()
