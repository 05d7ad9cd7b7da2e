"""paper desk

Why: whoever keys hundreds of sheets makes slips, and must be able to mend them before they are compared with what the
other person keyed, and nothing may be lost with a line or a tab: drafts are kept here, sealed, until their author is
done. And sheets that people wrote on wrongly and exchanged at the desk are counted by themselves; of batches that came back
before, none is known.

Revision ID: 20261126_0005
Revises: 20261126_0004
"""

import sqlalchemy as sa
from alembic import op


revision = "20261126_0005"
down_revision = "20261126_0004"
branch_labels = None
depends_on = None

CHECK = "ck_paper_batch_sheets_accounted_for"
WITHOUT_SPOILT = (
    "used IS NULL OR (used >= 0 AND unused >= 0 AND unopened >= 0 AND missing >= not_handed_in "
    "AND not_handed_in >= 0 AND used + unused + unopened + missing = sheets)"
)
WITH_SPOILT = (
    "used IS NULL OR (used >= 0 AND unused >= 0 AND spoilt >= 0 AND unopened >= 0 AND missing >= not_handed_in "
    "AND not_handed_in >= 0 AND used + unused + spoilt + unopened + missing = sheets)"
)


def upgrade() -> None:
    op.create_table(
        "paper_draft",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.String(8), nullable=False),
        sa.Column("keyed_by", sa.String(80), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id", "serial"],
            ["paper_sheet.round_id", "paper_sheet.serial"],
            name=op.f("fk_paper_draft_round_id_serial"),
        ),
        sa.PrimaryKeyConstraint("round_id", "serial", "keyed_by", name=op.f("pk_paper_draft")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("paper_batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spoilt", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.create_check_constraint(op.f(CHECK), WITH_SPOILT)


def downgrade() -> None:
    with op.batch_alter_table("paper_batch", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(CHECK), type_="check")
    # a sheet that was exchanged is one that did not come back, as far as the older count knows
    op.execute(
        "UPDATE paper_batch SET missing = missing + spoilt, "
        "missing_reason = coalesce(missing_reason, 'exchanged at the desk') "
        "WHERE used IS NOT NULL AND spoilt > 0"
    )
    with op.batch_alter_table("paper_batch", schema=None) as batch_op:
        batch_op.drop_column("spoilt")
        batch_op.create_check_constraint(op.f(CHECK), WITHOUT_SPOILT)
    op.drop_table("paper_draft")
