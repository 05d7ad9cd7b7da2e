"""say on an envelope that somebody helped

Why: a vote with the help of a family member is recorded as such. A new column with a default; running processes do not mind.

Revision ID: 6d613d81af54
Revises: 3dd62b6a0d1c
"""

import sqlalchemy as sa
from alembic import op


revision = "6d613d81af54"
down_revision = "3dd62b6a0d1c"
branch_labels = None
depends_on = None


def upgrade() -> None:

    with op.batch_alter_table("envelope", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assisted", sa.Boolean(), server_default=sa.false(), nullable=False))




def downgrade() -> None:

    with op.batch_alter_table("envelope", schema=None) as batch_op:
        batch_op.drop_column("assisted")


