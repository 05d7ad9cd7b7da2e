"""What is true of any service in the world: settings, database, errors, time. No word of the domain."""
