"""doors visited

Why: staff see turnout by building and unit, in an estate of 132,000 households in less than a third of a second. The
units of a roll are written down with it, once, each with how many of the roll live there, and every entry says in which
it stands. Rolls that were frozen before get theirs here, from where people live now; whoever has gone since counts for
the building alone. And what was found at the door of a household that has not taken part, visited, refused or nobody
there, has a table of its own that is emptied when its round closes.

Revision ID: 20261126_0004
Revises: 20261126_0003
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0004"
down_revision = "20261126_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roll_unit",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.CheckConstraint("entries >= 1", name=op.f("ck_roll_unit_entries_positive")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_roll_unit_round_id")),
        sa.PrimaryKeyConstraint("round_id", "number", name=op.f("pk_roll_unit")),
    )
    with op.batch_alter_table("roll_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unit_number", sa.Integer(), server_default="0", nullable=False))
    _number_rolls()

    op.create_table(
        "door_visit",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("marked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_door_visit_round_id")),
        sa.PrimaryKeyConstraint("round_id", "household_id", name=op.f("pk_door_visit")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("door_visit")
    with op.batch_alter_table("roll_entry", schema=None) as batch_op:
        batch_op.drop_column("unit_number")
    op.drop_table("roll_unit")


def _number_rolls() -> None:
    """Write the units of every roll there is, and the number of its unit into each entry."""
    uuid, text = sa.Uuid(), sa.String()
    entry = sa.table(
        "roll_entry", sa.column("id", uuid), sa.column("round_id", uuid), sa.column("subject_id", uuid),
        sa.column("community_code", text), sa.column("building_id", uuid), sa.column("unit_number", sa.Integer()),
    )  # fmt: skip
    resident = sa.table("resident", sa.column("id", uuid), sa.column("household_id", uuid))
    household = sa.table(
        "household", sa.column("id", uuid), sa.column("building_id", uuid), sa.column("unit_id", uuid)
    )
    unit = sa.table(
        "roll_unit", sa.column("round_id", uuid), sa.column("number", sa.Integer()), sa.column("community_code", text),
        sa.column("building_id", uuid), sa.column("unit_id", uuid), sa.column("entries", sa.Integer()),
    )  # fmt: skip
    # a subject is a person or a household; who has moved to another building since stands in no unit of this one
    home = sa.func.coalesce(resident.c.household_id, entry.c.subject_id)
    placed = (
        sa.select(
            entry.c.id, entry.c.round_id, entry.c.community_code, entry.c.building_id, household.c.unit_id
        )
        .select_from(
            entry.outerjoin(resident, resident.c.id == entry.c.subject_id).outerjoin(
                household,
                sa.and_(household.c.id == home, household.c.building_id == entry.c.building_id),
            )
        )
        .subquery()
    )
    place = (placed.c.round_id, placed.c.community_code, placed.c.building_id, placed.c.unit_id)
    number = sa.func.row_number().over(partition_by=placed.c.round_id, order_by=place[1:])
    op.execute(
        sa.insert(unit).from_select(
            ["round_id", "community_code", "building_id", "unit_id", "entries", "number"],
            sa.select(*place, sa.func.count(), number).group_by(*place),
        )
    )
    op.create_index("ix_roll_unit_for_now", "roll_unit", ["round_id", "building_id"])
    op.execute(
        sa.update(entry).values(
            unit_number=sa.select(unit.c.number)
            .select_from(
                unit.join(
                    placed,
                    sa.and_(
                        unit.c.round_id == placed.c.round_id,
                        unit.c.community_code == placed.c.community_code,
                        unit.c.building_id == placed.c.building_id,
                        unit.c.unit_id.is_not_distinct_from(placed.c.unit_id),
                    ),
                )
            )
            .where(placed.c.id == entry.c.id)
            .scalar_subquery()
        )
    )
    op.drop_index("ix_roll_unit_for_now", table_name="roll_unit")
