"""Images in: files, folders and IDX, decoded upright; digits framed as MNIST framed them; crops for people."""
