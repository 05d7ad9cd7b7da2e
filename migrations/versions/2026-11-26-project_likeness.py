"""a checklist for ideas, projects of which one is done, and lists from a spreadsheet

Why: whoever proposed something reads what the committee found, point by point, and not only the answer. Two projects for
the same place are marked before a round is drawn up, so that its list says "one of these". A committee has its projects
in a spreadsheet: what was uploaded waits here until somebody has seen the preview.

Revision ID: 20261126_0003
Revises: 20261126_0002
"""

import sqlalchemy as sa
from alembic import op


revision = "20261126_0003"
down_revision = "20261126_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idea_check",
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("check", sa.String(32), nullable=False),
        sa.Column("finding", sa.String(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_idea_check_idea_id")),
        sa.PrimaryKeyConstraint("idea_id", "check", name=op.f("pk_idea_check")),
    )
    op.create_table(
        "project_exclusion",
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(120), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id <> second_id", name=op.f("ck_project_exclusion_two_projects")),
        sa.ForeignKeyConstraint(["first_id"], ["project.id"], name=op.f("fk_project_exclusion_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["project.id"], name=op.f("fk_project_exclusion_second_id")),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_project_exclusion")),
    )
    with op.batch_alter_table("project_exclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_exclusion_second_id"), ["second_id"], unique=False)

    op.create_table(
        "project_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.String(12), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code"], ["division.code"], name=op.f("fk_project_import_community_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_import")),
    )
    with op.batch_alter_table("project_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_import_community_code"), ["community_code"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("project_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_import_community_code"))
    op.drop_table("project_import")
    with op.batch_alter_table("project_exclusion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_exclusion_second_id"))
    op.drop_table("project_exclusion")
    op.drop_table("idea_check")
