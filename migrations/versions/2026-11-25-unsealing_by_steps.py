"""unsealing by steps

Why:

Revision ID: 20261125_0007
Revises: 20261125_0006
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0007"
down_revision = "20261125_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
