"""Pictures of photographs and galleries: boxes, contact sheets, maps."""
