"""Projects: what could be done, what it costs, where, by whom; drafted, published, listed in a round."""
