"""Gongyi 共议: participatory voting and opinion-gathering for urban neighbourhoods."""

__version__ = "0.1.0"
