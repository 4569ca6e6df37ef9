"""Exact DBSCAN at the speed of matrix products."""
