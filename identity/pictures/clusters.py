"""Pictures of a gallery's clusters, out of the crops that the store kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from identity.clustering.stranger_distances import kth_nearest
from identity.core.clusters import NOISE, Mask
from identity.core.errors import UsageError
from identity.core.ports import GalleryStore
from identity.core.stopping import STOPPING
from identity.core.types import Ids, Image
from identity.imaging.crops import decode
from identity.pictures import contact_sheet
from identity.pictures.contact_sheet import COLUMNS, MOST_ROWS, MOST_STRIPS, Strip
from identity.plots import clusters, embedding
from identity.plots.projection import project
from identity.workflows.cluster.groups import Group
from identity.workflows.cluster.plan import Plan

MOST_MARKERS = 1500
MOST_SHEETS = 10
MOST_REACHES = 2000
SEED = 0


def draw_clusters(samples: GalleryStore, plan: Plan, folder: Path, *, ink: bool = False) -> list[Path]:
    """Contact sheets, map, sizes and k-distance curve of a plan, written into `folder`; the files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {folder}: {error.strerror}; choose another with --plot") from error
    for old in folder.glob("contact-sheet-*.png"):
        old.unlink()
    sheets = _draw_sheets(samples, plan, folder)
    map_file = _draw_map(samples, plan, folder, ink=ink)
    return [*sheets, map_file, _draw_sizes(plan, folder), *_draw_reach(plan, folder)]


def caption(group: Group) -> str:
    """How a cluster is called under its pictures."""
    named = f"  {group.identity}" if group.identity else ""
    return f"c{group.id}{named}  {len(group.samples)} samples"


def _summary(plan: Plan) -> str:
    run, people = plan.outcome.run, plan.people
    noise = f", {run.n_noise} samples are noise" if run.n_noise else ""
    return f"{people} {'person' if people == 1 else 'people'} among {run.n_samples} samples{noise}"


def _draw_sheets(samples: GalleryStore, plan: Plan, folder: Path) -> list[Path]:
    """A sheet for every few clusters, largest first, noise last; small ones beyond the last sheet are counted."""
    noise = _noise(plan)
    shown = plan.groups[: MOST_SHEETS * MOST_STRIPS - 1]
    strips = [_strip(samples, caption(group), group.samples, group.confirmed) for group in shown]
    if len(noise):
        strips.append(_strip(samples, f"noise  {len(noise)} samples", noise, np.zeros(len(noise), bool), is_noise=True))
    files = []
    for at in range(0, len(strips), MOST_STRIPS):
        STOPPING.check()
        files.append(folder / f"contact-sheet-{at // MOST_STRIPS + 1:02d}.png")
        part = f", sheet {len(files)} of {-(-len(strips) // MOST_STRIPS)}" if len(strips) > MOST_STRIPS else ""
        missing = len(plan.groups) - len(shown)
        left_out = f" ({missing} small clusters not drawn)" if missing else ""
        contact_sheet.draw(strips[at : at + MOST_STRIPS], path=files[-1], title=_summary(plan) + left_out + part)
    return files


def _strip(samples: GalleryStore, text: str, ids: Ids, confirmed: Mask, *, is_noise: bool = False) -> Strip:
    some = ids[: COLUMNS * MOST_ROWS].tolist()
    return Strip(text, _pictures(samples, some), len(ids), is_noise, some, confirmed.tolist())


def _pictures(samples: GalleryStore, ids: Sequence[int]) -> list[Image | None]:
    crops: Mapping[int, bytes] = samples.crops(ids)
    return [decode(crops[id_]) if id_ in crops else None for id_ in ids]


def _noise(plan: Plan) -> Ids:
    noise: Ids = plan.state.ids[plan.outcome.labels == NOISE]
    return noise


def _draw_map(samples: GalleryStore, plan: Plan, folder: Path, *, ink: bool) -> Path:
    state, labels = plan.state, plan.outcome.labels
    chosen = np.sort(np.random.default_rng(SEED).permutation(len(labels))[:MOST_MARKERS])
    captions = {group.id: group.identity or f"c{group.id}" for group in plan.groups}
    part = f" (a random {len(chosen)} drawn)" if len(chosen) < len(labels) else ""
    embedding.draw(
        project(state.vectors[chosen], seed=SEED),
        images=_pictures(samples, state.ids[chosen].tolist()),
        labels=[captions.get(label, "noise") for label in labels[chosen].tolist()],
        unknown=labels[chosen] == NOISE,
        unknown_are="noise samples",
        ink=ink,
        path=folder / "map.png",
        title=f"{_summary(plan)}{part}\nA colour is a cluster; near ones look alike to the network",
    )
    return folder / "map.png"


def _draw_sizes(plan: Plan, folder: Path) -> Path:
    names = [group.identity or f"c{group.id}" for group in plan.groups]
    sizes = [len(group.samples) for group in plan.groups]
    file = folder / "sizes.png"
    clusters.draw_sizes(names, sizes, noise=len(_noise(plan)), path=file, title=_summary(plan))
    return file


def _draw_reach(plan: Plan, folder: Path) -> list[Path]:
    run, vectors = plan.outcome.run, plan.state.vectors
    n = len(vectors)
    if n < 2:
        return []
    k = min(max(1, run.min_samples - 1), n - 1)
    probes = np.sort(np.random.default_rng(SEED).permutation(n)[:MOST_REACHES])
    file = folder / "k-distance.png"
    clusters.draw_reach(
        kth_nearest(vectors, probes, k),
        eps=run.eps,
        k=k,
        share=len(probes) / n,
        path=file,
        title="How far each sample's neighbours are, and the distance that joins them",
    )
    return [file]
