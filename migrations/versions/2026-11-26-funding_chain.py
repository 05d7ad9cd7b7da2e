"""The chain of reviewers.

Why: a request knows whose turn it is (sub-district, district office, bureau, finance, the go-ahead, or the committee
that corrects it), until when, and where it goes after an answer; an approval in part says what each government pays and
what is left out; the committee's answers are kept beside the decisions. Requests under way get their step from their
state, and its deadline from the day they came to it; what was granted before needs no answer any more.
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "20261126_0008"
down_revision = "20261126_0007"
branch_labels = None
depends_on = None

#: State -> (step, where it goes back to, days until it is due).
_STANDINGS = {
    "submitted": ("subdistrict", None, 15),
    "received": ("subdistrict", None, 15),
    "returned": ("committee", "subdistrict", 15),
    "accepted": ("district", None, 15),
    "go_ahead": ("district", None, 15),
    "deferred": (None, "subdistrict", None),
    "approved": ("go_ahead", None, 5),
    "approved_in_part": ("go_ahead", None, 5),
}


def upgrade() -> None:
    # no constraint is added afterwards: SQLite would write the table anew, and decisions refer to it
    with op.batch_alter_table("funding_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("step", sa.String(32), nullable=True))
        batch_op.add_column(sa.Column("back_to", sa.String(32), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(_offer("district"))
        batch_op.add_column(_offer("subdistrict"))
        batch_op.add_column(sa.Column("left_out", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_funding_request_priority", ["priority", "created_at", "id"])
        batch_op.create_index("ix_funding_request_step_due", ["step", "due_at"])
    with op.batch_alter_table("request_decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("step", sa.String(32), nullable=True))
        batch_op.add_column(sa.Column("district_fen", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("subdistrict_fen", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("left_out", sa.Text(), nullable=True))
    op.create_table(
        "request_reply",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reply", sa.String(32), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["funding_request.id"], name=op.f("fk_request_reply_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f("pk_request_reply")),
    )
    _place_requests()


def _offer(government: str) -> sa.Column[int]:
    """What a government would pay, never more than its share."""
    column, share = f"{government}_offer_fen", f"{government}_fen"
    limit = sa.CheckConstraint(
        f"{column} IS NULL OR {column} BETWEEN 0 AND {share}",
        name=op.f(f"ck_funding_request_{government}_offer_in_range"),
    )
    return sa.Column(column, sa.BigInteger(), limit, nullable=True)


def _place_requests() -> None:
    request = sa.table(
        "funding_request",
        sa.column("id", sa.Uuid()),
        sa.column("state", sa.String()),
        sa.column("changed_at", sa.DateTime(timezone=True)),
        sa.column("step", sa.String()),
        sa.column("back_to", sa.String()),
        sa.column("due_at", sa.DateTime(timezone=True)),
        sa.column("released_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(request.c.id, request.c.state, request.c.changed_at)).all()
    for request_id, state, changed_at in rows:
        step, back_to, days = _STANDINGS.get(state, (None, None, None))
        values = {
            "step": step,
            "back_to": back_to,
            "due_at": None if days is None else changed_at + dt.timedelta(days=days),
            "released_at": changed_at if state == "go_ahead" else None,
        }
        connection.execute(request.update().where(request.c.id == request_id).values(**values))


def downgrade() -> None:
    op.drop_table("request_reply")
    with op.batch_alter_table("request_decision", schema=None) as batch_op:
        batch_op.drop_column("left_out")
        batch_op.drop_column("subdistrict_fen")
        batch_op.drop_column("district_fen")
        batch_op.drop_column("step")
    with op.batch_alter_table("funding_request", schema=None) as batch_op:
        batch_op.drop_index("ix_funding_request_step_due")
        batch_op.drop_index("ix_funding_request_priority")
        batch_op.drop_constraint(op.f("ck_funding_request_subdistrict_offer_in_range"), type_="check")
        batch_op.drop_constraint(op.f("ck_funding_request_district_offer_in_range"), type_="check")
        batch_op.drop_column("released_at")
        batch_op.drop_column("left_out")
        batch_op.drop_column("subdistrict_offer_fen")
        batch_op.drop_column("district_offer_fen")
        batch_op.drop_column("due_at")
        batch_op.drop_column("back_to")
        batch_op.drop_column("step")
