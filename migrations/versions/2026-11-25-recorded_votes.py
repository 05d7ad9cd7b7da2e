"""recorded votes

Why:

Revision ID: 20261125_0003
Revises: 20261125_0002
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0003"
down_revision = "20261125_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
