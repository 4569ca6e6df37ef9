"""Pictures that explain a model and a gallery, one file each; arrays and strings in, PNG, SVG or PDF out."""
