"""What the gateway tells itself."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class DeliveryPlanned:
    """A message is to be sent to an endpoint."""

    NAME: ClassVar[str] = "webhook.planned"
    VERSION: ClassVar[int] = 1

    delivery_id: str
