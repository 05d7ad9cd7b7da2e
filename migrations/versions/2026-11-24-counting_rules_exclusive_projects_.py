"""Counting rules, exclusive projects, explanations.

Why: rounds choose among more ways of counting, projects can exclude each other or be decided before the vote, and
figures that take many counts are worked out after a result is public. Every new column has a default that leaves rounds
that exist as they were, so that old and new processes can run side by side meanwhile.

Revision ID: 3dd62b6a0d1c
Revises: 20261124_0001
"""

import sqlalchemy as sa
from alembic import op


revision = "3dd62b6a0d1c"
down_revision = "20261124_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "result_explanation",
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(80), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_result_explanation_result_id")),
        sa.PrimaryKeyConstraint("result_id", name=op.f("pk_result_explanation")),
    )
    with op.batch_alter_table("result_explanation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_explanation_beat_at"), ["beat_at"], unique=False)

    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.add_column(sa.Column("completion", sa.String(32), server_default="none", nullable=False))
        batch_op.add_column(sa.Column("until", sa.String(32), server_default="infeasible", nullable=False))
        batch_op.add_column(
            sa.Column("comparison", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("part_percent", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("unranked", sa.String(32), server_default="never", nullable=False))

    with op.batch_alter_table("round_project", schema=None) as batch_op:
        batch_op.add_column(sa.Column("exclusive_group", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("forced_in", sa.Boolean(), server_default=sa.false(), nullable=False))



    requests = sa.table(
        "funding_request", sa.column("id", sa.Uuid), sa.column("cost_fen"), sa.column("evidence", sa.JSON)
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(requests)).all():
        evidence = {**row.evidence, "project_cost_fen": row.cost_fen}  # until now, all of it was asked for
        connection.execute(requests.update().where(requests.c.id == row.id).values(evidence=evidence))


def downgrade() -> None:
    with op.batch_alter_table("round_project", schema=None) as batch_op:
        batch_op.drop_column("forced_in")
        batch_op.drop_column("exclusive_group")

    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_column("unranked")
        batch_op.drop_column("part_percent")
        batch_op.drop_column("comparison")
        batch_op.drop_column("until")
        batch_op.drop_column("completion")

    with op.batch_alter_table("result_explanation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_explanation_beat_at"))

    op.drop_table("result_explanation")
