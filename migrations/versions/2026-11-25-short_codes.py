"""short codes

Why: what hangs on a wall or is told on the phone needs an address of five letters. A code stands for something public
(a community, a building, a round, a project, an idea, a result, minutes) and for no person; nothing says who asked
for it. The table is new and empty.

Revision ID: 20261125_0013
Revises: 20261125_0012
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_0013"
down_revision = "20261125_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "short_link",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=36), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_short_link")),
        sa.UniqueConstraint("kind", "target", name=op.f("uq_short_link_kind_target")),
    )
    op.create_index("ix_short_link_division_code_made_at", "short_link", ["division_code", "made_at"])


def downgrade() -> None:
    op.drop_index("ix_short_link_division_code_made_at", table_name="short_link")
    op.drop_table("short_link")
