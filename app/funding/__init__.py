"""Funding requests: built from a certified result, shared between community and governments, decided step by step."""
