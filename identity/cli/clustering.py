"""`identity cluster`: how many people the stored vectors show, who belongs together, undo, history and quality."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity import UsageError
from identity.cli import cluster_text, render
from identity.cli.app import app
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, open_gallery
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity import ClusterRequest, Gallery

cluster_app = typer.Typer(
    help="Group stored samples: how many people they show, and which samples are one person.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
app.add_typer(cluster_app, name="cluster")
Algo = Annotated[str, typer.Option(help="dbscan or hdbscan (for uneven densities; slower), both exact.")]
EpsOption = Annotated[
    str | None, typer.Option("--eps", help="Cosine distance of neighbours, or 'auto': chosen without labels. [auto]")
]
EuclideanOption = Annotated[float | None, typer.Option(help="The same as a Euclidean distance of unit vectors.")]
MinSamples = Annotated[
    int | None,
    typer.Option(help="Samples in the neighbourhood of a core sample, itself included. [faces 2, others 5]"),
]
MinClusterSize = Annotated[int, typer.Option(help="Smallest cluster of hdbscan.")]

MinQuality = Annotated[
    float,
    typer.Option(min=0, max=1, help="Quality of faces that may found clusters; poorer ones only join. 0 lets all."),
]


@cluster_app.callback()
@stoppable("what 'identity cluster history' does not list was not done, run the command again")
def cluster(
    context: typer.Context,
    *,
    gallery: GalleryOption = DEFAULT,
    algo: Algo = "dbscan",
    eps: EpsOption = None,
    euclidean_eps: EuclideanOption = None,
    min_samples: MinSamples = None,
    min_cluster_size: MinClusterSize = 2,
    min_quality: MinQuality = 0.5,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full/--incremental",
            help="Cluster all samples again, or only attach new ones where that is enough: dbscan, same parameters.",
        ),
    ] = False,
    plot: Annotated[Path | None, typer.Option(help="Folder for pictures of the clusters.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write one row per sample here.")] = None,
    json: JsonOption = False,
) -> None:
    """Group the stored samples of a gallery. What people decided before is kept; the run can be undone."""
    if context.invoked_subcommand is not None:
        return
    wanted = cluster_request(algo, eps, euclidean_eps, min_samples, min_cluster_size, min_quality, full=full)
    with open_gallery(gallery) as opened:
        if dry_run:
            made, run = opened.clusters.plan(wanted), None
            cluster_text.show_difference(made, to_stderr=json)
        else:
            show = partial(cluster_text.show_difference, to_stderr=json)
            made, run = opened.clusters.run(wanted, on_plan=show, say=render.complain)
        answer = cluster_text.Answer(made, run, gallery, opened.samples)
        if csv is not None:
            answer.write_table(csv)
        pictures = _draw(opened, answer, plot)
        answer.document() if json else answer.text(pictures)


def _draw(opened: Gallery, answer: cluster_text.Answer, folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    return opened.clusters.plot(folder, answer.plan)


def cluster_request(
    algo: str,
    eps: str | None,
    euclidean_eps: float | None,
    min_samples: int | None,
    min_cluster_size: int,
    min_quality: float,
    *,
    full: bool,
) -> ClusterRequest:
    """The options as a request. Raises `UsageError` where they contradict each other."""
    from identity import ClusterRequest

    if euclidean_eps is not None and eps not in {None, "auto"}:
        raise UsageError("--eps and --euclidean-eps set the same distance: give one of them")
    if algo == "hdbscan" and (euclidean_eps is not None or eps not in {None, "auto"}):
        raise UsageError("hdbscan has no eps: remove --eps, or use --algo dbscan")
    distance = _distance(eps) if euclidean_eps is None else euclidean_eps**2 / 2
    return ClusterRequest(algo, distance, min_samples, min_cluster_size, full, min_quality)


def _distance(eps: str | None) -> float | None:
    if eps is None or eps == "auto":
        return None
    try:
        return float(eps)
    except ValueError as error:
        raise UsageError(f"--eps must be a number in (0, 2] or 'auto', got '{eps}'") from error


@cluster_app.command()
def undo(*, gallery: GalleryOption = DEFAULT, json: JsonOption = False) -> None:
    """Undo the latest run and restore the clusters before it. Names and decisions stay."""
    from identity.documents.clusters import undo_fields

    with open_gallery(gallery) as opened:
        undone = opened.clusters.undo()
        groups = opened.clusters.groups()
    if json:
        render.document("cluster-undo", undo_fields(gallery, undone, n_clusters=len(groups)))
    else:
        render.lines([f"run {undone.id} undone; {len(groups)} clusters are in force again"])


@cluster_app.command()
def history(*, gallery: GalleryOption = DEFAULT, json: JsonOption = False) -> None:
    """List every run with its parameters, and the edits that people made."""
    from identity.documents.clusters import history_fields

    with open_gallery(gallery) as opened:
        runs = opened.clusters.history()
    if json:
        render.document("cluster-history", history_fields(gallery, runs))
        return
    header = ("run", "when", "algo", "mode", "eps", "min_samples", "samples", "clusters", "noise", "")
    render.table([cluster_text.history_row(run) for run in runs], header=header)


@cluster_app.command()
@stoppable("nothing was changed, run the command again")
def evaluate(
    *,
    gallery: GalleryOption = DEFAULT,
    truth: Annotated[
        Path | None,
        typer.Option(help="Folder whose sub-folders are names, IDX file, or CSV (path,identity). [its own names]"),
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Evaluate a run that ignores all names; nothing is changed.")
    ] = False,
    algo: Algo = "dbscan",
    eps: EpsOption = None,
    euclidean_eps: EuclideanOption = None,
    min_samples: MinSamples = None,
    min_cluster_size: MinClusterSize = 2,
    min_quality: MinQuality = 0.5,
    json: JsonOption = False,
) -> None:
    """Compare clusters with the truth: B-cubed, pairwise, adjusted Rand index, V-measure.

    Without --truth, or with --blind, a new run without names is evaluated; else the run in force.
    """
    from identity.documents.cluster_quality import quality_fields

    wanted = cluster_request(algo, eps, euclidean_eps, min_samples, min_cluster_size, min_quality, full=True)
    with open_gallery(gallery) as opened:
        judged = opened.clusters.evaluate(truth, request=wanted, blind=blind)
    if json:
        render.document("cluster-evaluate", quality_fields(gallery, judged))
    else:
        render.lines(cluster_text.quality_lines(judged))
