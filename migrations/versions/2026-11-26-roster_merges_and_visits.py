"""rosters that are followed, people who are merged, names that are shown

Why: the desk shows who imported which file and when, and how far an import is while it runs. Two rows that are one
person are made one, with a record from which it can be taken back. Whoever sees a name or a number in full says what
for, and it is listed.

Revision ID: 20261126_0002
Revises: 20261126_0001
"""

import sqlalchemy as sa
from alembic import op


revision = "20261126_0002"
down_revision = "20261126_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("resident", schema=None) as batch_op:
        batch_op.add_column(sa.Column("came_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("roster_import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("file_name", sa.String(120), server_default="", nullable=False))
        batch_op.add_column(sa.Column("created_by", sa.String(80), server_default="", nullable=False))
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.String(80), nullable=True))
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "roster_progress",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.String(12), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code"], ["division.code"], name=op.f("fk_roster_progress_community_code")
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_roster_progress")),
    )
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.String(12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code"], ["division.code"], name=op.f("fk_disclosure_community_code")
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_disclosure_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.create_index("ix_disclosure_community_at", ["community_code", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_disclosure_resident_id"), ["resident_id"], unique=False)
    op.create_table(
        "duplicate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.String(12), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("gone_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("journal", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(80), nullable=True),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_duplicate_two_rows")),
        sa.ForeignKeyConstraint(["community_code"], ["division.code"], name=op.f("fk_duplicate_community_code")),
        sa.ForeignKeyConstraint(["gone_id"], ["resident.id"], name=op.f("fk_duplicate_gone_id")),
        sa.ForeignKeyConstraint(["kept_id"], ["resident.id"], name=op.f("fk_duplicate_kept_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate")),
    )
    with op.batch_alter_table("duplicate", schema=None) as batch_op:
        batch_op.create_index("ix_duplicate_community_state", ["community_code", "state", "at"], unique=False)
        batch_op.create_index(
            "uq_duplicate_merged", ["gone_id"], unique=True,
            sqlite_where=sa.text("state = 'merged'"), postgresql_where=sa.text("state = 'merged'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("duplicate", schema=None) as batch_op:
        batch_op.drop_index("uq_duplicate_merged")
        batch_op.drop_index("ix_duplicate_community_state")
    op.drop_table("duplicate")
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_resident_id"))
        batch_op.drop_index("ix_disclosure_community_at")
    op.drop_table("disclosure")
    op.drop_table("roster_progress")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_column("decided_at")
    with op.batch_alter_table("roster_import", schema=None) as batch_op:
        batch_op.drop_column("decided_by")
        batch_op.drop_column("decided_at")
        batch_op.drop_column("created_by")
        batch_op.drop_column("file_name")
    with op.batch_alter_table("resident", schema=None) as batch_op:
        batch_op.drop_column("came_at")
