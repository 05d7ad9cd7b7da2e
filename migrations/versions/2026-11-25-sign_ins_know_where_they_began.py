"""sign-ins know where they began

Why: a ticket carries a sign-in of the mini program over into its web-view. Whoever signs out in the one is out of the
other too, and the two are one device in the list of one's own; a ticket used later ends what an earlier one began.
Sign-ins that exist stand for themselves, and end when they would have.

Revision ID: 20261125_0015
Revises: 20261125_0014
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_0015"
down_revision = "20261125_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("begun_in", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_sign_in_session_begun_in"), ["begun_in"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_sign_in_session_begun_in"), "sign_in_session", ["begun_in"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_sign_in_session_begun_in"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_sign_in_session_begun_in"))
        batch_op.drop_column("begun_in")
