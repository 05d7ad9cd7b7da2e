"""Showing it: a believable neighbourhood, the replay of a real election, a stand-in for a sub-district's system."""
