"""notices

Why: residents hear of what concerns them. What concerns a community is one row and whom it concerns; what concerns one
person is sealed. A dispatch reaches many people beyond the inbox, a page at a time; of whom it reached only keyed
hashes are kept, until the round closes.

Revision ID: 20261125_0010
Revises: 20261125_0009
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_0010"
down_revision = "20261125_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('notice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(32), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('source', sa.String(120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('source', name=op.f('uq_notice_source'))
    )
    op.create_index('ix_notice_created_at', 'notice', ['created_at', 'id'])

    op.create_table('notice_community',
    sa.Column('notice_id', sa.Uuid(), nullable=False),
    sa.Column('community_code', sa.String(12), nullable=False),
    sa.ForeignKeyConstraint(['community_code'], ['division.code'], name=op.f('fk_notice_community_community_code')),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_community_notice_id')),
    sa.PrimaryKeyConstraint('notice_id', 'community_code', name=op.f('pk_notice_community'))
    )
    op.create_index(op.f('ix_notice_community_community_code'), 'notice_community', ['community_code'])

    op.create_table('personal_notice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('source', sa.String(64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_personal_notice_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_personal_notice')),
    sa.UniqueConstraint('source', name=op.f('uq_personal_notice_source'))
    )
    op.create_index('ix_personal_notice_account_created', 'personal_notice', ['account_id', 'created_at'])

    op.create_table('notice_reader',
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('read_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sms', sa.Boolean(), nullable=False),
    sa.Column('reminders', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_notice_reader_account_id')),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_notice_reader'))
    )

    op.create_table('message_quota',
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('template', sa.String(32), nullable=False),
    sa.Column('left_over', sa.Integer(), nullable=False),
    sa.CheckConstraint('left_over >= 0', name=op.f('ck_message_quota_left_over_not_negative')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_message_quota_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'template', name=op.f('pk_message_quota'))
    )

    op.create_table('round_interest',
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_round_interest_account_id')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_round_interest_round_id')),
    sa.PrimaryKeyConstraint('round_id', 'account_id', name=op.f('pk_round_interest'))
    )
    op.create_index(op.f('ix_round_interest_account_id'), 'round_interest', ['account_id'])

    op.create_table('notice_dispatch',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.String(32), nullable=False),
    sa.Column('source', sa.String(120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('position', sa.Uuid(), nullable=True),
    sa.Column('worker', sa.String(60), nullable=True),
    sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reached', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_notice_dispatch_round_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_dispatch')),
    sa.UniqueConstraint('source', name=op.f('uq_notice_dispatch_source'))
    )
    op.create_index(op.f('ix_notice_dispatch_round_id'), 'notice_dispatch', ['round_id'])
    op.create_index('ix_notice_dispatch_waiting', 'notice_dispatch', ['finished_at', 'due_at'])

    op.create_table('notice_delivery',
    sa.Column('key', sa.String(64), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_notice_delivery_round_id')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_notice_delivery')),
    sqlite_with_rowid=False
    )
    op.create_index(op.f('ix_notice_delivery_round_id'), 'notice_delivery', ['round_id'])


def downgrade() -> None:
    op.drop_table('notice_delivery')
    op.drop_table('notice_dispatch')
    op.drop_table('round_interest')
    op.drop_table('message_quota')
    op.drop_table('notice_reader')
    op.drop_table('personal_notice')
    op.drop_table('notice_community')
    op.drop_table('notice')
