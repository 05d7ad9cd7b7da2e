"""a household may refuse a mediator

Why: a party may refuse its mediator (People's Mediation Law, art. 23), and complain past the committee; who was refused
is remembered, so that the case does not come back to them. An objection is acknowledged within days, and a household
has one open objection to a project even where two of its phones file at once. Repeats from a weak network are known by
a keyed hash. Should a household have two open ones, the later counts as withdrawn: it said the same again.

Revision ID: 20261125_0012
Revises: 20261125_0011
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_0012"
down_revision = "20261125_0011"
branch_labels = None
depends_on = None

OPEN = "state IN ('filed', 'assigned', 'maintained')"


def upgrade() -> None:
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))

    op.execute(
        f"""
        UPDATE objection SET state = 'withdrawn' WHERE {OPEN} AND EXISTS (
          SELECT 1 FROM objection AS earlier
          WHERE earlier.project_id = objection.project_id
            AND earlier.household_fingerprint = objection.household_fingerprint
            AND earlier.state IN ('filed', 'assigned', 'maintained')
            AND (earlier.filed_at < objection.filed_at
                 OR (earlier.filed_at = objection.filed_at AND earlier.id < objection.id))
        )
        """
    )
    op.create_index(
        "uq_objection_open", "objection", ["project_id", "household_fingerprint"], unique=True,
        sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN),
    )

    with op.batch_alter_table("objection_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("request_fingerprint", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(
            op.f("uq_objection_entry_request_fingerprint"), ["request_fingerprint"]
        )

    op.create_table(
        "refused_mediator",
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("mediator_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_refused_mediator_objection_id")
        ),
        sa.PrimaryKeyConstraint("objection_id", "mediator_id", name=op.f("pk_refused_mediator")),
    )


def downgrade() -> None:
    op.drop_table("refused_mediator")
    with op.batch_alter_table("objection_entry", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_objection_entry_request_fingerprint"), type_="unique")
        batch_op.drop_column("request_fingerprint")
    op.drop_index("uq_objection_open", table_name="objection")
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_column("escalated_at")
        batch_op.drop_column("acknowledged_at")
