"""Find the regions of an image that may show an identity."""
