"""Groups stored vectors into clusters: exact, stable over runs, and bound to what people have decided.

Knows arrays only, no gallery and no store.
"""
