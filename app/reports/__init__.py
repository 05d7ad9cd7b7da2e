"""Reports: what came of a year, for those who answer for a place; aggregates only, no person and no household."""
