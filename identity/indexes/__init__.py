"""Exact search over one gallery's vectors: in memory, from a snapshot file, or both together."""
