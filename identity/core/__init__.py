"""The vocabulary and the rules: types, ports, errors, distance, calibration, verdict, metrics. Pure numpy."""

VERSION = "0.1.0"  # of the program; here every room finds it
