"""paper and custody are settings of a round

Why: a round says at publication whether people may vote on paper and who keeps the key of its box; rounds that exist
have neither. An envelope remembers that its voter took a sheet instead, and a closed box what was set aside.

Revision ID: 20261125_0001
Revises: 6d613d81af54
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0001"
down_revision = "6d613d81af54"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paper", sa.String(32), server_default="none", nullable=False))
        batch_op.add_column(sa.Column("custody", sa.String(32), server_default="local", nullable=False))

    # without hidden row numbers, which would say in which order people voted
    with op.batch_alter_table(
        "envelope", schema=None, recreate="auto", table_kwargs={"sqlite_with_rowid": False}
    ) as batch_op:
        batch_op.add_column(sa.Column("on_paper", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("ballot_box", schema=None) as batch_op:
        batch_op.add_column(sa.Column("set_aside", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("superseded", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("ballot_box", schema=None) as batch_op:
        batch_op.drop_column("superseded")
        batch_op.drop_column("set_aside")

    with op.batch_alter_table(
        "envelope", schema=None, recreate="auto", table_kwargs={"sqlite_with_rowid": True}
    ) as batch_op:
        batch_op.drop_column("on_paper")

    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_column("custody")
        batch_op.drop_column("paper")
