"""Error rates on images whose truth is known."""
