"""What must happen after a transaction: events written in it, handled once it is durable."""
