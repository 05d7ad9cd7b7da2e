"""ideas and comments

Why: residents propose things, neighbours endorse them, and the committee answers with reasons; people talk about ideas
and projects where everybody can read it. Authors and endorsers are known by account and resident, in columns that are
emptied when somebody leaves. Pieces of two characters find ideas that are like what somebody is writing.

Revision ID: 20261125_0008
Revises: 20261125_0007
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0008"
down_revision = "20261125_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idea",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.String(12), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("place", sa.String(60), nullable=False),
        sa.Column("category", sa.String(32), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("held_for", sa.JSON(), nullable=False),
        sa.Column("endorsements", sa.Integer(), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("title_grams", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("endorsements >= 0 AND comments >= 0", name=op.f("ck_idea_counts_not_negative")),
        sa.ForeignKeyConstraint(["community_code"], ["division.code"], name=op.f("fk_idea_community_code")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["idea.id"], name=op.f("fk_idea_merged_into_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_idea_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea")),
    )
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.create_index("ix_idea_community_state_changed", ["community_code", "state", "changed_at"], unique=False)
        batch_op.create_index(
            "ix_idea_community_state_endorsements", ["community_code", "state", "endorsements"], unique=False
        )
        batch_op.create_index("ix_idea_community_state_posted", ["community_code", "state", "posted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_idea_merged_into_id"), ["merged_into_id"], unique=False)

    op.create_table(
        "idea_author",
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("byline", sa.String(32), nullable=False),
        sa.Column("building", sa.String(60), nullable=True),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_idea_author_idea_id")),
        sa.PrimaryKeyConstraint("idea_id", "position", name=op.f("pk_idea_author")),
        sa.UniqueConstraint("idea_id", "resident_id", name=op.f("uq_idea_author_idea_id_resident_id")),
    )
    with op.batch_alter_table("idea_author", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idea_author_account_id"), ["account_id"], unique=False)

    op.create_table(
        "idea_endorsement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_idea_endorsement_idea_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea_endorsement")),
        sa.UniqueConstraint("idea_id", "resident_id", name=op.f("uq_idea_endorsement_idea_id_resident_id")),
    )
    with op.batch_alter_table("idea_endorsement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idea_endorsement_account_id"), ["account_id"], unique=False)

    op.create_table(
        "idea_step",
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("reason_code", sa.String(40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_idea_step_idea_id")),
        sa.PrimaryKeyConstraint("idea_id", "position", name=op.f("pk_idea_step")),
    )

    op.create_table(
        "idea_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(120), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_idea_photo_idea_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea_photo")),
        sa.UniqueConstraint("idea_id", "digest", name=op.f("uq_idea_photo_idea_id_digest")),
        sa.UniqueConstraint("idea_id", "position", name=op.f("uq_idea_photo_idea_id_position")),
    )

    op.create_table(
        "idea_gram",
        sa.Column("community_code", sa.String(12), nullable=False),
        sa.Column("gram", sa.String(8), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("in_title", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_idea_gram_idea_id")),
        sa.PrimaryKeyConstraint("community_code", "gram", "idea_id", name=op.f("pk_idea_gram")),
    )
    with op.batch_alter_table("idea_gram", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idea_gram_idea_id"), ["idea_id"], unique=False)

    op.create_table(
        "idea_policy",
        sa.Column("community_code", sa.String(12), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("endorsements_needed", sa.Integer(), nullable=False),
        sa.Column("review_first", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "endorsements_needed BETWEEN 1 AND 100000", name=op.f("ck_idea_policy_endorsements_needed_range")
        ),
        sa.ForeignKeyConstraint(["community_code"], ["division.code"], name=op.f("fk_idea_policy_community_code")),
        sa.PrimaryKeyConstraint("community_code", "valid_from", name=op.f("pk_idea_policy")),
    )

    op.create_table(
        "comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.Column("byline", sa.String(32), nullable=False),
        sa.Column("building", sa.String(60), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("held_for", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(80), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_comment_parent_is_another")),
        sa.ForeignKeyConstraint(["community_code"], ["division.code"], name=op.f("fk_comment_community_code")),
        sa.ForeignKeyConstraint(["parent_id"], ["comment.id"], name=op.f("fk_comment_parent_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_comment_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index("ix_comment_account_posted", ["account_id", "posted_at"], unique=False)
        batch_op.create_index(
            "ix_comment_community_state_posted", ["community_code", "state", "posted_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_comment_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("ix_comment_subject_posted", ["kind", "subject_id", "posted_at"], unique=False)

    op.create_table(
        "comment_report",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_comment_report_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", "account_id", name=op.f("pk_comment_report")),
    )
    with op.batch_alter_table("comment_report", schema=None) as batch_op:
        batch_op.create_index("ix_comment_report_account_at", ["account_id", "at"], unique=False)


def downgrade() -> None:
    for table in (
        "comment_report", "comment", "idea_policy", "idea_gram", "idea_photo", "idea_step", "idea_endorsement",
        "idea_author", "idea",
    ):
        op.drop_table(table)
