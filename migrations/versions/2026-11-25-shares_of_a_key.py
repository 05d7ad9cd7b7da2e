"""shares of a key

Why: the key of a round can be split among three holders; who has which share is known here by its fingerprint, the
words themselves never are.

Revision ID: 20261125_0006
Revises: 20261125_0005
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0006"
down_revision = "20261125_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('key_share',
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('holder', sa.String(32), nullable=False),
    sa.Column('sealing_key', sa.LargeBinary(), nullable=False),
    sa.Column('fingerprint', sa.String(64), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('entered_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('NOT confirmed OR account_id IS NOT NULL', name=op.f('ck_key_share_confirmed_by_somebody')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_key_share_account_id')),
    sa.ForeignKeyConstraint(['entered_by'], ['account.id'], name=op.f('fk_key_share_entered_by')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_key_share_round_id')),
    sa.PrimaryKeyConstraint('round_id', 'holder', name=op.f('pk_key_share')),
    sa.UniqueConstraint('round_id', 'account_id', name=op.f('uq_key_share_round_id_account_id')),
    sa.UniqueConstraint('round_id', 'entered_by', name=op.f('uq_key_share_round_id_entered_by'))
    )


def downgrade() -> None:
    op.drop_table('key_share')
