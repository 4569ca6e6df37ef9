"""The JSON documents that every surface speaks."""
