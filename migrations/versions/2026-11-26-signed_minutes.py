"""Signed minutes.

Why: (to be written)
"""

revision = "20261126_0006"
down_revision = "20261126_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
