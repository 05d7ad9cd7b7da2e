"""the board is a log

Why:

Revision ID: 20261125_0004
Revises: 20261125_0003
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0004"
down_revision = "20261125_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
