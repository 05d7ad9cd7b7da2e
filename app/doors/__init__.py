"""Knocking at the doors of those who have not taken part: a list while a round is open, nothing of it afterwards."""
