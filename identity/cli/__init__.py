"""The command line: parse, one call, render. Nothing heavy is imported before a command runs."""
