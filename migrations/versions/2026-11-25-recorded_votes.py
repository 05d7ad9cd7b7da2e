"""recorded votes

Why: owners' joint decisions are signed and not secret by law, and weigh by area and by heads. Such a round has a matter
and a question instead of a list; its roll of owners, its votes with their history, proxies, signed forms and its
decision have tables of their own, apart from envelopes and ballots. Rounds that exist are secret and have neither.

Revision ID: 20261125_0003
Revises: 20261125_0002
"""

import sqlalchemy as sa
from alembic import op


revision = "20261125_0003"
down_revision = "20261125_0002"
branch_labels = None
depends_on = None

STANDING = sa.text("state IN ('entered', 'in_force', 'used')")
NOT_REFUSED = sa.text("state <> 'refused'")


def upgrade() -> None:
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.add_column(sa.Column("matter", sa.String(32), nullable=True))
        batch_op.add_column(sa.Column("question", sa.Text(), nullable=True))

    op.create_table(
        "owner_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.String(12), nullable=False),
        sa.Column("area_centi_m2", sa.Integer(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.CheckConstraint("area_centi_m2 > 0", name=op.f("ck_owner_entry_area_positive")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_owner_entry_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner_entry")),
        sa.UniqueConstraint("round_id", "household_id", name=op.f("uq_owner_entry_round_id_household_id")),
    )
    with op.batch_alter_table("owner_entry", schema=None) as batch_op:
        batch_op.create_index("ix_owner_entry_round_head", ["round_id", "head"], unique=False)

    op.create_table(
        "entry_owner",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("may_act", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["owner_entry.id"], name=op.f("fk_entry_owner_entry_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_entry_owner_round_id")),
        sa.PrimaryKeyConstraint("entry_id", "resident_id", name=op.f("pk_entry_owner")),
    )
    with op.batch_alter_table("entry_owner", schema=None) as batch_op:
        batch_op.create_index("ix_entry_owner_round_person", ["round_id", "person"], unique=False)
        batch_op.create_index("ix_entry_owner_round_resident", ["round_id", "resident_id"], unique=False)

    op.create_table(
        "proxy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("holder_phone", sa.Text(), nullable=False),
        sa.Column("powers", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.String(120), nullable=True),
        sa.Column("entered_by", sa.String(80), nullable=False),
        sa.Column("decided_by", sa.String(80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signature", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_proxy_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy")),
    )
    with op.batch_alter_table("proxy", schema=None) as batch_op:
        batch_op.create_index("ix_proxy_round_holder", ["round_id", "holder"], unique=False)
        batch_op.create_index(
            "uq_proxy_standing", ["round_id", "person"], unique=True, sqlite_where=STANDING, postgresql_where=STANDING
        )

    op.create_table(
        "signed_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("entered_by", sa.String(80), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["owner_entry.id"], name=op.f("fk_signed_form_entry_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_signed_form_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_form")),
    )
    with op.batch_alter_table("signed_form", schema=None) as batch_op:
        batch_op.create_index("ix_signed_form_round_state", ["round_id", "state"], unique=False)
        batch_op.create_index(
            "uq_signed_form_reference", ["entry_id", "reference"], unique=True, sqlite_where=NOT_REFUSED,
            postgresql_where=NOT_REFUSED,
        )

    op.create_table(
        "vote_act",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("choice", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("proxy_id", sa.Uuid(), nullable=True),
        sa.Column("form_id", sa.Uuid(), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(100), nullable=True),
        sa.CheckConstraint("version IS NULL OR version >= 1", name=op.f("ck_vote_act_version_positive")),
        sa.CheckConstraint(
            "(version IS NULL) = (signature IS NULL)", name=op.f("ck_vote_act_signed_if_in_force")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["owner_entry.id"], name=op.f("fk_vote_act_entry_id")),
        sa.ForeignKeyConstraint(["form_id"], ["signed_form.id"], name=op.f("fk_vote_act_form_id")),
        sa.ForeignKeyConstraint(["proxy_id"], ["proxy.id"], name=op.f("fk_vote_act_proxy_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_vote_act_round_id")),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_vote_act")),
        sa.UniqueConstraint("entry_id", "version", name=op.f("uq_vote_act_entry_id_version")),
    )
    with op.batch_alter_table("vote_act", schema=None) as batch_op:
        batch_op.create_index("ix_vote_act_round_id", ["round_id"], unique=False)

    op.create_table(
        "owner_vote",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_owner_vote_version_positive")),
        sa.ForeignKeyConstraint(
            ["entry_id", "position"], ["vote_act.entry_id", "vote_act.position"],
            name=op.f("fk_owner_vote_entry_id_position"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_owner_vote_round_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_owner_vote")),
    )
    with op.batch_alter_table("owner_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_owner_vote_round_id"), ["round_id"], unique=False)

    op.create_table(
        "owners_decision",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("record_digest", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(100), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("post_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certified_by", sa.String(80), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_owners_decision_round_id")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_owners_decision")),
    )
    op.create_table(
        "decision_record",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["owners_decision.round_id"], name=op.f("fk_decision_record_round_id")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_decision_record")),
    )


def downgrade() -> None:
    for table in (
        "decision_record", "owners_decision", "owner_vote", "vote_act", "signed_form", "proxy", "entry_owner",
        "owner_entry",
    ):
        op.drop_table(table)

    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_column("question")
        batch_op.drop_column("matter")
