"""Set thresholds for a stated error rate, then measure the rate on pictures that played no part in it.

    python examples/stated_error_rate.py labelled/ others/ 0.05

Both folders have a sub-folder per digit, named by it. At most this share of pictures of the right digit is refused,
averaged over draws of the calibration pictures: one draw, and one measurement, may lie above.
"""

import sys
from pathlib import Path

import identity

GALLERY = "measured"


def main(labelled: Path, others: Path, alpha: float) -> None:
    """Enroll two thirds of the labelled pictures, calibrate on the rest, and print the promised and measured rates."""
    with identity.open_home() as home:
        home.create_gallery(GALLERY)
    with identity.open_gallery(GALLERY) as gallery:
        report = gallery.enroll(labelled, calibration_fraction=1 / 3)
        print(f"{report.gallery} pictures enrolled, {report.calibration} kept for calibration")
        gallery.calibrate(alpha=alpha)
        figures = gallery.evaluate(others)
        assert isinstance(figures, identity.Evaluation)  # a gallery of people gives identity.PeopleEvaluation
        print(f"promised: at most {alpha:.1%} of the right digit is refused, on average")
        refused = figures.known.refused
        print(f"measured: {refused.value:.1%} of {refused.n} ({refused.low:.1%} to {refused.high:.1%} with 95 %)")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
