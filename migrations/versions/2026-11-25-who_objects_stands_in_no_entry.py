"""who objects stands in no entry

Why: an entry that a household had written named the account that wrote it, in clear; by the account's phone everybody
who reads the database could go from there to the household, the project, and the time. These entries say "resident"
now, as those of forgotten households do. Two small tables come with it, both new and empty: how many short codes somebody
has made in this hour, by a keyed hash, so that nobody uses up what a community has; and the public figure of an open
round's turnout, read by one clock however many processes answer. Which account it was cannot be brought back.

Revision ID: 20261125_0014
Revises: 20261125_0013
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_0014"
down_revision = "20261125_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    entry = sa.table("objection_entry", sa.column("by", sa.String), sa.column("by_objector", sa.Boolean))
    op.execute(sa.update(entry).where(entry.c.by_objector.is_(sa.true())).values(by="resident"))

    op.create_table(
        "link_pace",
        sa.Column("maker", sa.String(length=64), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("maker", name=op.f("pk_link_pace")),
    )
    with op.batch_alter_table("link_pace", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_pace_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "turnout_figure",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("at_least", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_turnout_figure_round_id")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_turnout_figure")),
    )


def downgrade() -> None:
    op.drop_table("turnout_figure")
    with op.batch_alter_table("link_pace", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_pace_expires_at"))
    op.drop_table("link_pace")
