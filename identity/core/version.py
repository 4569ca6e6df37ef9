"""The program's version, which `identity.__version__` is, for whoever must compare it with that of another machine."""

VERSION = "0.1.0"
