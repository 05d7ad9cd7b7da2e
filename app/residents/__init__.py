"""Who lives where: the roster a committee imports, self-registration, and who may stand on a roll."""
