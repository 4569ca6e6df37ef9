"""What `identity demo` does: the whole way from pictures to verdicts on real scans, and the plots that explain it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.answers import Verdict
from identity.core.types import Role
from identity.demo import images as demo_images
from identity.plots import evaluation
from identity.workflows.evaluate.recognition import Evaluation

if TYPE_CHECKING:
    from identity.gallery import Gallery
    from identity.home import Home

GALLERY = "scans"
ALPHA = 0.05
CALIBRATION_FRACTION = 0.4
MIN_SAMPLES = 5
Say = Callable[[str], None]


def run(home: Home, folder: Path, say: Say) -> None:
    """Enroll, calibrate, evaluate, query, cluster and draw; every file lies in `folder` afterwards."""
    made = demo_images.write(folder)
    say(f"1,797 real scans of handwritten digits and {26 * len(demo_images.FONTS)} printed letters are in {folder}/")
    opened = _fresh_gallery(home)
    report = opened.enroll([made.enroll], calibration_fraction=CALIBRATION_FRACTION)
    say(f"enrolled {report.gallery} scans into gallery '{GALLERY}', kept {report.calibration} for its thresholds")
    opened.calibrate(alpha=ALPHA)
    say(f"thresholds refuse a digit's own scans with probability at most {ALPHA:.0%} (averaged)")
    judged = opened.evaluate([made.probes], [made.letters])
    assert isinstance(judged, Evaluation)
    for line in _figures(judged):
        say(line)
    for line in _answers(opened, [made.seven, made.letter]):
        say(line)
    say(_clusters(opened))
    _draw(opened, judged, made.letters, folder)
    say(f"pictures: {', '.join(str(path) for path in sorted(folder.glob('plot-*.png')))}")


def _fresh_gallery(home: Home) -> Gallery:
    if GALLERY in [gallery.name for gallery, _ in home.galleries()]:
        home.delete_gallery(GALLERY)
    home.create_gallery(GALLERY, model="digits")
    return home.open_gallery(GALLERY)


def _figures(judged: Evaluation) -> Iterator[str]:
    known, letters = judged.known, judged.unknown[0]
    yield (
        f"{known.n} other scans: {known.accuracy_1nn.value:.1%} nearest to their own digit, "
        f"{known.refused.value:.1%} refused, {known.ambiguous.value:.1%} ambiguous, {known.wrong.value:.1%} misnamed"
    )
    taken = [label for label, share in letters.accepted_per_label.items() if share.value > 0.5]
    yield (
        f"{letters.n} printed letters: {1 - letters.accepted.value:.1%} refused, AUROC {letters.auroc:.3f}; "
        f"most often taken for digits: {' '.join(taken) or 'none'}"
    )


def _answers(opened: Gallery, paths: list[Path]) -> Iterator[str]:
    for answer in opened.query(paths, k=1):
        region = answer.regions[0]
        best = region.candidates[0]
        said = region.identity if region.verdict is Verdict.KNOWN else f"nearest {best.identity}"
        against = f"distance {best.distance:.3f} against {best.threshold:.3f}"
        yield f"{answer.image.path}: {region.verdict.value}, {said}, {against}"


def _clusters(opened: Gallery) -> str:
    from identity.clustering.dbscan.density import dbscan
    from identity.clustering.eps import choose_eps
    from identity.clustering.quality import quality_of

    _, labelled = opened.store.all_vectors(Role.GALLERY)
    eps = choose_eps(labelled.vectors, min_samples=MIN_SAMPLES)
    labels = dbscan(labelled.vectors, eps=eps.value, min_samples=MIN_SAMPLES)
    measured = quality_of(labels, labelled.identities)
    return (
        f"clustered without their names: {labels.max() + 1} clusters, {(labels < 0).sum()} samples are noise, "
        f"B-cubed F {measured.bcubed.f1:.3f} ({eps.reason})"
    )


def _draw(opened: Gallery, judged: Evaluation, letters: Path, folder: Path) -> None:
    opened.plots.embedding(folder / "plot-embedding.png", unknown=[letters], limit=720)
    opened.plots.thresholds(folder / "plot-thresholds.png", unknown=[letters])
    evaluation.draw(
        judged.judged_known.score,
        {"letters": judged.judged_unknown[0].score},
        {"letters": judged.unknown[0].taken_for},
        path=folder / "plot-evaluation.png",
    )
