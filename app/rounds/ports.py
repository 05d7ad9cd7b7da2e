"""What rounds ask of those above them."""

import uuid
from collections.abc import Callable, Collection

from sqlmodel import Session

#: Which of these projects won a vote already, so that their money is asked for or granted.
Won = Callable[[Session, Collection[uuid.UUID]], Collection[uuid.UUID]]
