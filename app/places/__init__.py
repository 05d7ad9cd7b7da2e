"""Where people live: the division tree with its 12-digit codes, buildings, units, households."""
