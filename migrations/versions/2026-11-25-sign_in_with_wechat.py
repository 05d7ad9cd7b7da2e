"""sign in with WeChat

Why: in WeChat residents need not type a code each time. An account remembers the one WeChat user who may open it, sealed
and by keyed hash; a sign-in remembers that it began so, and ends with the binding. Tickets that carry a sign-in into the
web-view, and binding tickets that were used, are kept as hashes for minutes. Sign-ins that exist began otherwise.

Revision ID: 20261125_0009
Revises: 20261125_0008
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_0009"
down_revision = "20261125_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("with_wechat", sa.Boolean(), server_default=sa.false(), nullable=False))

    op.create_table(
        "wechat_binding",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("openid", sa.Text(), nullable=False),
        sa.Column("openid_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_wechat_binding_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_wechat_binding")),
        sa.UniqueConstraint("openid_fingerprint", name=op.f("uq_wechat_binding_openid_fingerprint")),
    )
    op.create_table(
        "used_binding_ticket",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_used_binding_ticket")),
    )
    op.create_table(
        "ticket",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["sign_in_session.id"], name=op.f("fk_ticket_session_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_ticket")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_session_id"), ["session_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_session_id"))
    op.drop_table("ticket")
    op.drop_table("used_binding_ticket")
    op.drop_table("wechat_binding")

    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_column("with_wechat")
