"""Copies all rows of a database into an empty one, of the same kind or another; `copying.py` tells the story."""
