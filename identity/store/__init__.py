"""The store: galleries, samples and their vectors in one SQLite database, the only truth there is."""
