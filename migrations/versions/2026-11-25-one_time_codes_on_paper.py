"""one-time codes on paper

Why:

Revision ID: 20261125_0005
Revises: 20261125_0004
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0005"
down_revision = "20261125_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
