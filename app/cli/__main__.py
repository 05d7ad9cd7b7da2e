"""``python -m app.cli``: the same as ``gongyi``."""

from app.cli import main

main()
