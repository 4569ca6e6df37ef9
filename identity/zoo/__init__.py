"""Models as files: the catalogue, the folder they are installed in, and how they get there."""
