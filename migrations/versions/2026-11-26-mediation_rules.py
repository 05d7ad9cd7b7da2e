"""Rules of mediation: costs in an offer, planned meetings, volunteers.

Why: an offer may change what a project's money goes to, and is accepted with exactly these items, so they are kept with
it, sealed. A meeting has a time, a contact a way it was made. A resident who agreed to help stands on a list, and takes
part in a case after the household has accepted them; who was declined is remembered. Names are sealed.

Revision ID: 20261126_0007
Revises: 20261126_0006
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0007"
down_revision = "20261126_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("objection_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("costs", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("channel", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("meets_at", sa.DateTime(timezone=True), nullable=True))

    op.create_table(
        "mediation_volunteer",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "community_code", name=op.f("pk_mediation_volunteer")),
    )
    op.create_index(op.f("ix_mediation_volunteer_community_code"), "mediation_volunteer", ["community_code"])

    op.create_table(
        "case_volunteer",
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_case_volunteer_objection_id")
        ),
        sa.PrimaryKeyConstraint("objection_id", "account_id", name=op.f("pk_case_volunteer")),
    )
    op.create_index(op.f("ix_case_volunteer_account_id"), "case_volunteer", ["account_id"])


def downgrade() -> None:
    op.drop_table("case_volunteer")
    op.drop_table("mediation_volunteer")
    with op.batch_alter_table("objection_entry", schema=None) as batch_op:
        batch_op.drop_column("meets_at")
        batch_op.drop_column("channel")
        batch_op.drop_column("costs")
