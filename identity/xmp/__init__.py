"""XMP, in which photographs carry the names of people: read with suspicion, merged, put beside or into a file."""
