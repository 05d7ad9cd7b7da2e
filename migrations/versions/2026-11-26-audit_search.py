"""The record is searched by person and by day.

Why: an auditor asks what somebody has done, what was done in a week, and what was done last in all divisions of a
city. After some years the chains have hundreds of thousands of entries, and each question would read them all.

Revision ID: 20261126_0009
Revises: 20261126_0008
"""

from alembic import op

revision = "20261126_0009"
down_revision = "20261126_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_entry_actor_chain_seq", "audit_entry", ["actor", "chain", "seq"])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_at", "audit_entry")
    op.drop_index("ix_audit_entry_actor_chain_seq", "audit_entry")
