"""Costs a settlement changed while the request was under review.

Why: an agreement with a household may change what a project costs after the money for it was asked for. Whoever judged
the request judged the old amounts, so they stay; the request knows what its project costs since, and keeps each change
with the items before and after. No agreement could change costs before this version, so nothing is filled in.

Revision ID: 20261126_0010
Revises: 20261126_0009
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0010"
down_revision = "20261126_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("funding_request", sa.Column("settled_cost_fen", sa.BigInteger(), nullable=True))
    op.create_table(
        "request_cost_change",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("items_before", sa.JSON(), nullable=False),
        sa.Column("items_after", sa.JSON(), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("taken_into", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["funding_request.id"], name=op.f("fk_request_cost_change_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f("pk_request_cost_change")),
    )


def downgrade() -> None:
    op.drop_table("request_cost_change")
    op.drop_column("funding_request", "settled_cost_fen")
