"""One gallery as one file: a zip of NumPy arrays, one per column, beside a manifest. docs/bundle.md describes it."""
