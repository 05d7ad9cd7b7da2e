"""paper ballots

Why:

Revision ID: 20261125_0002
Revises: 20261125_0001
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0002"
down_revision = "20261125_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
