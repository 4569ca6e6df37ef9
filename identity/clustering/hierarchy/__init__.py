"""Exact HDBSCAN at the speed of matrix products."""
