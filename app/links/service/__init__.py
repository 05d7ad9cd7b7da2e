"""The verbs of a short code: made, followed, printed, drawn."""

from app.links.service.making import forget_expired, make, read
from app.links.service.posters import BuildingPoster, Posters, posters
from app.links.service.targets import find

__all__ = ["BuildingPoster", "Posters", "find", "forget_expired", "make", "posters", "read"]
