"""the board is a log

Why: every growth of a round's board is signed as a head (size, Merkle root, time), so that anybody who remembers one
can prove that nothing was changed or taken away since; and an hour of voting has one entry, however many workers post.
Boards that exist get their first head from the worker, which holds the signing key.

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
    op.create_table(
        "board_head",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_board_head_round_id")),
        sa.PrimaryKeyConstraint("round_id", "size", name=op.f("pk_board_head")),
    )
    with op.batch_alter_table("board_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hour", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_board_entry_round_id_hour"), ["round_id", "hour"])


def downgrade() -> None:
    with op.batch_alter_table("board_entry", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_board_entry_round_id_hour"), type_="unique")
        batch_op.drop_column("hour")
    op.drop_table("board_head")
