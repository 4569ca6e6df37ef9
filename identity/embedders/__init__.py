"""Networks that turn aligned crops into unit vectors."""
