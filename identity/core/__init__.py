"""The vocabulary and the rules: types, ports, errors, distance, calibration, verdict, metrics. Pure numpy."""
