"""The API we offer to governments' systems, with schemas and a stability promise of its own."""
