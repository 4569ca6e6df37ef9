"""A gallery of drawn faces, as large as is wanted: for pages and pictures that show nobody who lives.

    python scripts/bench/drawn_faces.py HOME --faces 100000 --people 2000 --named 20

Every person has a look (skin, hair, eyes, shirt), every photograph another turn, light and smile. Vectors are
`face_like` ones of the same people; the clusters are the people themselves, written as one run, a few faces left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from face_like import spread_of_faces
from faces_throughput import DETECTOR, MODEL, WEIGHTS
from PIL import Image, ImageDraw, ImageEnhance
from reporting import arguments

from identity import bootstrap
from identity.core.clusters import NOISE, LabelChanges, Run
from identity.core.face_quality import FaceMeasures
from identity.core.types import Box, NewSample, Role, SourceImage
from identity.gallery import Gallery

SIDE = 112
SKINS = ("#f2d3bc", "#e8b894", "#c98d63", "#a46b44", "#7a4a2c", "#55331f")
HAIRS = ("#1d1a18", "#4a2f1c", "#8a5a2b", "#c8963e", "#b04a2a", "#9b9b9b", "#e6dcc8")
PAPERS = ("#b7c7d8", "#d9cfc1", "#9fb59a", "#c7b3c9", "#8e9aab", "#d8b7a5")
SHIRTS = ("#35506e", "#7a3b46", "#3f6b4f", "#6b5a8e", "#a8743a", "#444444")
NAMES = ("Ada", "Béla", "Chloé", "Dmitri", "Edda", "Farid", "Grace", "Hana", "Ivo", "Jun", "Kaya", "Lars", "Mina")
AT_ONCE = 2_000
NOISY = 0.02  # of all faces are in no cluster
EPS = 0.4
GOOD = FaceMeasures(eyes_px=44.0, sharpness=60.0, frontal=0.9)


def drawn_face(who: int, number: int) -> Image.Image:
    """Photograph `number` of a person, (112, 112) RGB."""
    look, turn = np.random.default_rng(who), np.random.default_rng((who, number))
    skin, hair, shirt = (str(look.choice(one)) for one in (SKINS, HAIRS, SHIRTS))
    width, height, eye, hair_cut = look.integers((26, 34, 3, 0), (36, 44, 6, 3))
    x, y, smile = 56 + turn.integers(-6, 7), 56 + turn.integers(-4, 5), turn.integers(2, 12)
    picture = Image.new("RGB", (SIDE, SIDE), str(turn.choice(PAPERS)))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((x - 46, y + height - 4, x + 46, 150), 24, fill=shirt)
    draw.rectangle((x - 11, y + height - 14, x + 11, y + height + 6), fill=skin)
    draw.ellipse((x - width - 3, y - height - 7, x + width + 3, y + (height if hair_cut == 2 else 8)), fill=hair)
    draw.ellipse((x - width, y - height + (8 if hair_cut else 4), x + width, y + height), fill=skin)
    for side in (-1, 1):
        left = x + side * width * 0.42 + turn.integers(-2, 3)
        draw.ellipse((left - 6, y - 8, left + 6, y + 2), fill="#fbfbfb")
        draw.ellipse((left - eye, y - 3 - eye, left + eye, y - 3 + eye), fill="#2b2320")
        draw.line((left - 8, y - 14, left + 8, y - 14 - side), fill=hair, width=3)
    draw.line((x, y, x - 3, y + 12, x + 3, y + 13), fill="#6d4a3a", width=2)
    draw.arc((x - 13, y + 16 - smile, x + 13, y + 18 + smile), 20, 160, fill="#7c2f2f", width=3)
    return ImageEnhance.Brightness(picture.rotate(float(turn.normal(0, 6)), fillcolor="#9aa0a8")).enhance(
        float(turn.uniform(0.75, 1.15))
    )


def encoded(picture: Image.Image) -> bytes:
    written = BytesIO()
    picture.save(written, "JPEG", quality=82)
    return written.getvalue()


def drawn_gallery(gallery: Gallery, *, faces: int, people: int, named: int, data: Path) -> None:
    """Fill a new gallery; of the people, evenly by size, `named` have their name on half of their photographs."""
    who = _sizes(faces, people)
    spread = spread_of_faces(data, gallery.store.gallery.dim)
    vectors = spread.photographs(spread.people(people, seed=1), who, seed=2)
    every = max(2, people // max(1, named))
    ids = np.concatenate([gallery.store.add(batch) for batch in _batches(vectors, who, every=every)])
    labels = who + 1
    labels[np.random.default_rng(3).random(faces) < NOISY] = NOISE
    run = Run(
        "dbscan", "full", eps=EPS, eps_auto=True, eps_reason="drawn", min_samples=2, n_samples=faces, n_clusters=people,
        n_noise=int((labels == NOISE).sum()), next_cluster=people + 1,
    )  # fmt: skip
    store = gallery.load_cluster_store()
    store.apply(run, LabelChanges(ids, labels, labels != NOISE), changes=gallery.store.gallery.changes)


def _sizes(faces: int, people: int) -> np.ndarray:
    """Who each face is (n,): everybody twice at least, the first ones far more often."""
    rng, weights = np.random.default_rng(0), np.arange(1, people + 1) ** -0.5
    more = rng.choice(people, p=weights / weights.sum(), size=faces - 2 * people)
    return np.sort(np.concatenate([np.repeat(np.arange(people), 2), more]))


def _batches(vectors: np.ndarray, who: np.ndarray, *, every: int) -> Iterator[list[NewSample]]:
    box = Box(120, 80, 232, 192)
    for low in range(0, len(who), AT_ONCE):
        rows = range(low, min(low + AT_ONCE, len(who)))
        yield [
            NewSample(
                SourceImage(f"drawn/{row}.jpg", f"/drawn/{row}.jpg", content=b"%032d" % row, width=640, height=480),
                box, vectors[row], _name(int(who[row]), row, every), Role.GALLERY, 0.9,
                encoded(drawn_face(int(who[row]), row)), GOOD,
            )
            for row in rows
        ]  # fmt: skip


def _name(who: int, row: int, every: int) -> str | None:
    number, rest = divmod(who, every)
    if rest != 1 or row % 2:
        return None
    return NAMES[number % len(NAMES)] + (f" {number // len(NAMES) + 1}" if number >= len(NAMES) else "")


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--faces", type=int, default=300)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--named", type=int, default=4)
    parser.add_argument("--name", default="faces", help="of the gallery")
    asked = parser.parse_args()
    with bootstrap.open_home(home=asked.home) as home:
        for name in WEIGHTS:
            home.models.add(asked.data / "weights" / name)
        gallery = home.open_gallery(home.create_gallery(asked.name, model=MODEL, detector=DETECTOR).name)
        drawn_gallery(gallery, faces=asked.faces, people=asked.people, named=asked.named, data=asked.data)
        home.choose_default_gallery(asked.name)


if __name__ == "__main__":
    main()
