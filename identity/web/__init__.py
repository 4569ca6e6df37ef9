"""The surface over HTTP: a sibling of `cli` over `gallery` and `documents`. Nothing is here yet."""
