"""Links for a password that take two administrators.

Why: whoever made a link could use it, and so be two people: an account made, given a role by two, and opened by the one
who made it. A link now works only with a code that another administrator is shown. Links that wait unused are deleted,
for nobody knows any more who made them; a new one is made in the console, or with ``gongyi renew-link`` on the server.

Revision ID: 20261126_0011
Revises: 20261126_0010
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0011"
down_revision = "20261126_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM one_time_link")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("made_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("made_at", sa.DateTime(timezone=True), nullable=False))
        batch_op.add_column(sa.Column("code_hmac", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("countersigned_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("countersigned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_one_time_link_made_by"), "account", ["made_by"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_one_time_link_countersigned_by"), "account", ["countersigned_by"], ["id"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_one_time_link_countersigned_at_some_time"),
            "(code_hmac IS NULL) = (countersigned_by IS NULL)"
            " AND (countersigned_by IS NULL) = (countersigned_at IS NULL)",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_one_time_link_countersigned_by_another"),
            "countersigned_by IS NULL"
            " OR (made_by IS NOT NULL AND countersigned_by <> made_by AND countersigned_by <> account_id)",
        )


def downgrade() -> None:
    op.execute("DELETE FROM one_time_link WHERE made_by IS NOT NULL AND used_at IS NULL")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_one_time_link_countersigned_by_another"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_one_time_link_countersigned_at_some_time"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_one_time_link_countersigned_by"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_one_time_link_made_by"), type_="foreignkey")
        batch_op.drop_column("countersigned_at")
        batch_op.drop_column("countersigned_by")
        batch_op.drop_column("code_hmac")
        batch_op.drop_column("made_at")
        batch_op.drop_column("made_by")
