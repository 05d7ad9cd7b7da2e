"""What goes out."""

import datetime as dt
import uuid

from pydantic import Field

from app.core.schemas import OutputModel
from app.desk.rules import Part, Task, Urgency


class ToDoItem(OutputModel):
    """Something to do."""

    task: Task
    part: Part = Field(description="Where on the desk it is done.")
    urgency: Urgency
    count: int = Field(description="How many of them wait.")
    subject_id: uuid.UUID | None = Field(description="The one it is about, where it is one.")
    title: str = Field(description="What that is called; empty where nothing is said of it here.")
    due_at: dt.datetime | None = Field(description="Null where nothing was promised.")


class ToDoOut(OutputModel):
    """What somebody has to do, the most urgent first."""

    items: list[ToDoItem]
    counts: dict[Part, int] = Field(description="Lines by part of the desk, for its navigation.")
    overdue: int
