"""Residents' meetings: called, attended, minuted; what they resolve raises projects."""
