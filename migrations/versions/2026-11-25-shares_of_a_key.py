"""shares of a key

Why:

Revision ID: 20261125_0006
Revises: 20261125_0005
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0006"
down_revision = "20261125_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
