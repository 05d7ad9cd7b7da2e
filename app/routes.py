"""Every router, in the order a reader would look for them."""

from fastapi import APIRouter

from app.access.api import router as access
from app.access.audit_api import router as audit
from app.access.health_api import router as health

ROUTERS: tuple[APIRouter, ...] = (
    access,
    audit,
    health,
)
