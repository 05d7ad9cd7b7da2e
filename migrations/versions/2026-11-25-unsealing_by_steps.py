"""unsealing by steps

Why: opening and counting a large box takes minutes. It is done by a worker, which notes how far it is, and can be begun
again anywhere.

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
    op.create_table(
        "unsealing",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(80), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(80), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["ballot_box.round_id"], name=op.f("fk_unsealing_round_id")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_unsealing")),
    )
    with op.batch_alter_table("unsealing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unsealing_stage"), ["stage"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("unsealing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unsealing_stage"))

    op.drop_table("unsealing")
