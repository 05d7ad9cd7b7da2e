"""Signed minutes.

Why: chair and recorder each sign the version of the minutes that is published, so a version keeps its two signatures;
minutes of before have none and stay valid. Those who attended stand on a sealed list, one row a person, put there by a
code at the door or by the desk, and say what they would have put right. A name or room that may stand in minutes is
kept with the reason. A meeting that was called can be changed or cancelled, and says so.

Revision ID: 20261126_0006
Revises: 20261126_0005
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0006"
down_revision = "20261126_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("cancelled_reason", sa.Text(), nullable=True))
    with op.batch_alter_table("minutes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("circulated_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "attendance",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_attendance_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", "mark", name=op.f("pk_attendance")),
    )
    op.create_table(
        "door_code",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_door_code_meeting_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_door_code")),
    )
    op.create_index(op.f("ix_door_code_meeting_id"), "door_code", ["meeting_id"])
    op.create_index(op.f("ix_door_code_expires_at"), "door_code", ["expires_at"])
    op.create_table(
        "minutes_signature",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("office", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("drawing", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_minutes_signature_account_id")),
        sa.ForeignKeyConstraint(
            ["meeting_id", "version"], ["minutes.meeting_id", "minutes.version"],
            name=op.f("fk_minutes_signature_meeting_id_version"),
        ),
        sa.PrimaryKeyConstraint("meeting_id", "version", "part", name=op.f("pk_minutes_signature")),
        sa.UniqueConstraint(
            "meeting_id", "version", "account_id", name=op.f("uq_minutes_signature_meeting_id_version_account_id")
        ),
    )  # fmt: skip
    op.create_table(
        "standing_word",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("allowed_by", sa.String(length=80), nullable=False),
        sa.Column("allowed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_standing_word_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_word")),
    )
    op.create_index(op.f("ix_standing_word_meeting_id"), "standing_word", ["meeting_id"])
    op.create_table(
        "amendment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_up_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_amendment_account_id")),
        sa.ForeignKeyConstraint(
            ["meeting_id", "version"], ["minutes.meeting_id", "minutes.version"],
            name=op.f("fk_amendment_meeting_id_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )  # fmt: skip
    op.create_index(op.f("ix_amendment_account_id"), "amendment", ["account_id"])
    op.create_index("ix_amendment_meeting_id_proposed_at", "amendment", ["meeting_id", "proposed_at"])


def downgrade() -> None:
    for table in ("amendment", "standing_word", "minutes_signature", "door_code", "attendance"):
        op.drop_table(table)
    with op.batch_alter_table("minutes", schema=None) as batch_op:
        batch_op.drop_column("circulated_at")
    # a version that a newer one has replaced is a draft that nobody works on; an older service knows no third state
    op.execute("UPDATE minutes SET state = 'draft' WHERE state = 'replaced'")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_column("cancelled_reason")
        batch_op.drop_column("cancelled_at")
        batch_op.drop_column("changed_at")
