"""Who the Residents' Committee is, where it sits and whose telephone rings: the way for who would rather talk."""
