"""my data and the committee's profile

Why: residents see and take along what is kept of them, and have it forgotten. What they agreed to is kept by version;
how often somebody took their data along is counted, so that a stolen sign-in cannot do so all day; a sign-in remembers
what it was begun on, so that its owner knows it again. A committee says where it is and whose telephone rings. Sign-ins
that exist were not asked.

Revision ID: 20261125_0011
Revises: 20261125_0010
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_0011"
down_revision = "20261125_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("device", sa.String(length=32), nullable=True))

    op.create_table(
        "consent",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id")),
        sa.PrimaryKeyConstraint("account_id", "kind", "version", name=op.f("pk_consent")),
    )
    op.create_table(
        "data_export",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_data_export_account_id")),
        sa.PrimaryKeyConstraint("account_id", "day", "number", name=op.f("pk_data_export")),
    )
    op.create_table(
        "committee_profile",
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=24), nullable=False),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("office_hours", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_committee_profile_version_positive")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["division.code"], name=op.f("fk_committee_profile_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", name=op.f("pk_committee_profile")),
    )


def downgrade() -> None:
    op.drop_table("committee_profile")
    op.drop_table("data_export")
    op.drop_table("consent")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_column("device")
