"""paper ballots

Why: people may vote on paper too. Sheets have serials and belong to batches; signatures say who took a sheet from
which batch; keyings, sealed, say what a sheet says. No table links a person to a sheet. With the envelopes all three
lists are deleted, and a batch keeps its totals. All four are new and empty.

Revision ID: 20261125_0002
Revises: 20261125_0001
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0002"
down_revision = "20261125_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("community_code", sa.String(12), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=True),
        sa.Column("unused", sa.Integer(), nullable=True),
        sa.Column("unopened", sa.Integer(), nullable=True),
        sa.Column("missing", sa.Integer(), nullable=True),
        sa.Column("not_handed_in", sa.Integer(), nullable=True),
        sa.Column("missing_reason", sa.Text(), nullable=True),
        sa.Column("signed_in", sa.Integer(), nullable=True),
        sa.Column("stay_closed", sa.Integer(), nullable=True),
        sa.Column("keyed", sa.Integer(), nullable=True),
        sa.Column("decided", sa.Integer(), nullable=True),
        sa.Column("void", sa.JSON(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("set_aside_proposed_by", sa.String(80), nullable=True),
        sa.Column("set_aside_reason", sa.Text(), nullable=True),
        sa.Column("set_aside_by", sa.String(80), nullable=True),
        sa.CheckConstraint("sheets >= 1", name=op.f("ck_paper_batch_sheets_positive")),
        sa.CheckConstraint(
            "used IS NULL OR (used >= 0 AND unused >= 0 AND unopened >= 0 AND missing >= not_handed_in "
            "AND not_handed_in >= 0 AND used + unused + unopened + missing = sheets)",
            name=op.f("ck_paper_batch_sheets_accounted_for"),
        ),
        sa.CheckConstraint(
            "missing IS NULL OR missing = 0 OR missing_reason IS NOT NULL",
            name=op.f("ck_paper_batch_missing_explained"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_paper_batch_round_id")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["division.code"], name=op.f("fk_paper_batch_community_code")
        ),
        sa.ForeignKeyConstraint(["merged_into"], ["paper_batch.id"], name=op.f("fk_paper_batch_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_batch")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_paper_batch_round_id_number")),
    )
    op.create_table(
        "paper_sheet",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.String(8), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_paper_sheet_round_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["paper_batch.id"], name=op.f("fk_paper_sheet_batch_id")),
        sa.PrimaryKeyConstraint("round_id", "serial", name=op.f("pk_paper_sheet")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_paper_sheet_batch_id"), "paper_sheet", ["batch_id"], unique=False)
    op.create_table(
        "paper_sign_in",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("stays_closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_paper_sign_in_round_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["roll_entry.id"], name=op.f("fk_paper_sign_in_entry_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["paper_batch.id"], name=op.f("fk_paper_sign_in_batch_id")),
        sa.PrimaryKeyConstraint("round_id", "entry_id", name=op.f("pk_paper_sign_in")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_paper_sign_in_batch_id"), "paper_sign_in", ["batch_id"], unique=False)
    op.create_table(
        "paper_keying",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.String(8), nullable=False),
        sa.Column("turn", sa.SmallInteger(), nullable=False),
        sa.Column("keyed_by", sa.String(80), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("turn BETWEEN 1 AND 3", name=op.f("ck_paper_keying_turn_known")),
        sa.ForeignKeyConstraint(
            ["round_id", "serial"],
            ["paper_sheet.round_id", "paper_sheet.serial"],
            name=op.f("fk_paper_keying_round_id_serial"),
        ),
        sa.PrimaryKeyConstraint("round_id", "serial", "turn", name=op.f("pk_paper_keying")),
        sa.UniqueConstraint(
            "round_id", "serial", "keyed_by", name=op.f("uq_paper_keying_round_id_serial_keyed_by")
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("paper_keying")
    op.drop_index(op.f("ix_paper_sign_in_batch_id"), table_name="paper_sign_in")
    op.drop_table("paper_sign_in")
    op.drop_index(op.f("ix_paper_sheet_batch_id"), table_name="paper_sheet")
    op.drop_table("paper_sheet")
    op.drop_table("paper_batch")
