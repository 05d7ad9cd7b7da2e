"""two-person grants and second factors

Why: a password alone opened everything its owner may do. Staff now also show a code of their phone (RFC 6238), whose
secret is sealed and whose recovery codes are kept as keyed hashes; a sign-in remembers when its owner last did. What
gives power to an account is proposed by one administrator and confirmed by another. Sign-ins that exist have shown no
second factor; grants that exist stay.

Revision ID: 20261126_0001
Revises: 20261125_0015
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0001"
down_revision = "20261125_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))

    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("offered_secret", sa.Text(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hmac", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("code_hmac", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_account_id"), ["account_id"], unique=False)

    op.create_table(
        "account_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(32), nullable=True),
        sa.Column("division", sa.String(length=12), nullable=True),
        sa.Column("public_key", sa.Text(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(32), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'grant') = (role IS NOT NULL AND division IS NOT NULL)",
            name=op.f("ck_account_proposal_grant_is_whole"),
        ),
        sa.CheckConstraint(
            "(kind = 'client_key') = (public_key IS NOT NULL)", name=op.f("ck_account_proposal_key_is_there")
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_account_proposal_decided_at_some_time")
        ),
        sa.CheckConstraint(
            "decision IS NULL OR decision <> 'confirmed'"
            " OR (decided_by IS NOT NULL AND decided_by <> proposed_by AND decided_by <> account_id)",
            name=op.f("ck_account_proposal_confirmed_by_another"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_proposal_account_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_account_proposal_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_account_proposal_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_proposal")),
    )
    with op.batch_alter_table("account_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_proposal_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_account_proposal_open", ["proposed_at"], unique=False,
            sqlite_where=sa.text("decision IS NULL"), postgresql_where=sa.text("decision IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("account_proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_account_proposal_open")
        batch_op.drop_index(batch_op.f("ix_account_proposal_account_id"))
    op.drop_table("account_proposal")

    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_account_id"))
    op.drop_table("recovery_code")
    op.drop_table("second_factor")

    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_column("confirmed_at")
