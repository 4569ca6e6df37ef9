"""The surface over HTTP: a sibling of `cli` over `gallery` and `documents`."""
