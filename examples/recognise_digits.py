"""Say which digit each picture shows, or that it shows none of the ten, by the gallery that comes with the package.

    python examples/recognise_digits.py seven.png letter-A.png

Typicality is the share of calibration images of that digit that lie at least as far from the gallery as the picture.
"""

import sys

import identity


def main(paths: list[str]) -> None:
    """Print one line per picture."""
    with identity.open_gallery("digits") as gallery:
        for answer in gallery.query(paths):
            print(f"{answer.image.name}: {outcome_of(answer)}")


def outcome_of(answer: identity.ProbeVerdict) -> str:
    """What is known of a picture, in words."""
    if answer.image.error is not None:
        return f"not read: {answer.image.error}"
    (region,) = answer.regions  # the whole picture; a photograph of people has one region per face
    if not region.candidates:
        return f"{region.verdict} ({region.reason})"
    nearest = region.candidates[0]
    name = region.identity or f"{region.verdict}, nearest {nearest.identity}"
    return f"{name}, distance {nearest.distance:.3f}, typicality {nearest.p_value:.2f}"


if __name__ == "__main__":
    main(sys.argv[1:])
