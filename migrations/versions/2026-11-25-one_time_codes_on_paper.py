"""one-time codes on paper

Why: people without a phone sign in with a code on a slip of paper, on a device of their own or on that of somebody who
helps them. Such a sign-in stands for one resident, so the account behind it does; a helper's says so, is short, and
may be good for one round alone. An envelope remembers that it was cast this way, so that it can be counted in public.

Revision ID: 20261125_0005
Revises: 20261125_0004
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0005"
down_revision = "20261125_0004"
branch_labels = None
depends_on = None

IN_FORCE = sa.text("used_at IS NULL AND ended_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subject_id", sa.Uuid(), nullable=True))
        batch_op.create_index("uq_account_subject_id", ["subject_id"], unique=True)

    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assisted", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("round_id", sa.Uuid(), nullable=True))

    with op.batch_alter_table("envelope", schema=None) as batch_op:
        batch_op.add_column(sa.Column("with_code", sa.Boolean(), server_default=sa.false(), nullable=False))

    op.create_table(
        "paper_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_hmac", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("division", sa.String(length=12), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("issued_by", sa.String(length=80), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("device_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sign_in_session.id"], name=op.f("fk_paper_code_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_code")),
        sa.UniqueConstraint("code_hmac", name=op.f("uq_paper_code_code_hmac")),
    )
    with op.batch_alter_table("paper_code", schema=None) as batch_op:
        batch_op.create_index("ix_paper_code_division_issued_at", ["division", "issued_at"], unique=False)
        batch_op.create_index(
            "uq_paper_code_in_force", ["subject_id"], unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE
        )

    op.create_table(
        "wrong_paper_codes",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_wrong_paper_codes")),
    )


def downgrade() -> None:
    op.drop_table("wrong_paper_codes")
    op.drop_table("paper_code")

    # altered in place: a copy would be given the hidden row numbers this table does without
    with op.batch_alter_table("envelope", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("with_code")

    # sign-ins and accounts that stand for somebody without a phone are nobody's without these columns
    op.execute(
        "DELETE FROM sign_in_session WHERE account_id IN (SELECT id FROM account WHERE subject_id IS NOT NULL)"
    )
    op.execute("DELETE FROM account WHERE subject_id IS NOT NULL")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_column("round_id")
        batch_op.drop_column("assisted")

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index("uq_account_subject_id")
        batch_op.drop_column("subject_id")
