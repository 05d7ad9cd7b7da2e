"""The verbs of a short code: made, followed, printed, drawn."""

from app.links.service.making import make, read
from app.links.service.posters import BuildingPoster, Posters, posters
from app.links.service.targets import find

__all__ = ["BuildingPoster", "Posters", "find", "make", "posters", "read"]
