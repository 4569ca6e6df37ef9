"""What one training step looks at: P x K digits, other characters in pairs and threes, and loners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.training import synthetic
from identity.training.glyphs import glyph_families

Images = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many images of each kind a batch holds."""

    per_class: int = 10  # of each digit
    turned: int = 8  # kinds of turned digits, of `examples` each
    glyphs: int = 16  # kinds of glyphs, of `examples` each
    examples: int = 3
    loners: int = 28
    families: int = 4000  # glyphs drawn once, each in `hands` hands
    hands: int = 4


class Batches:
    """Draws batches from digits (n, 28, 28) and their labels; the same Generator state draws the same batches."""

    def __init__(
        self, images: Images, labels: NDArray[np.integer], *, mixture: Mixture, rng: np.random.Generator
    ) -> None:
        self._images, self._labels, self._mixture, self._rng = images, labels, mixture, rng
        self._rows = {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}
        self._turned = [
            (label, turn) for label in self._rows for turn in synthetic.NO_DIGITS_THEN.get(label, ())
        ]
        self._families = glyph_families(mixture.families, hands=mixture.hands, rng=rng)
        self._textures = synthetic.textures(max(64, mixture.families), rng=rng)
        self.per_epoch = max(1, len(images) // (len(self._rows) * mixture.per_class))

    def draw(self) -> tuple[Images, NDArray[np.int32]]:
        """Images (n, 28, 28) and labels (n,): the digits' come first and are 0, 1, ...; loners are -1, -2, ..."""
        groups = [*self._digits(), *self._turned_digits(), *self._glyphs()]
        loners = self._loners()
        labels = [np.full(len(group), number) for number, group in enumerate(groups)]
        alone = -1 - np.arange(len(loners))
        return np.concatenate([*groups, loners]), np.concatenate([*labels, alone]).astype(np.int32)

    def _digits(self) -> list[Images]:
        return [self._some(rows, self._mixture.per_class) for rows in self._rows.values()]

    def _turned_digits(self) -> list[Images]:
        wanted = min(self._mixture.turned, len(self._turned))
        kinds = [self._turned[place] for place in self._rng.permutation(len(self._turned))[:wanted]]
        return [
            synthetic.turned_digits(self._some(self._rows[label], self._mixture.examples), turn=turn)
            for label, turn in kinds
        ]

    def _glyphs(self) -> list[Images]:
        kinds = self._rng.choice(len(self._families), self._mixture.glyphs, replace=False)
        hands = self._rng.permuted(np.tile(np.arange(self._mixture.hands), (len(kinds), 1)), axis=1)
        return [self._families[kind, some[: self._mixture.examples]] for kind, some in zip(kinds, hands, strict=True)]

    def _loners(self) -> Images:
        share = self._mixture.loners // 4
        few = self._rng.integers(0, len(self._images), 4 * self._mixture.loners)
        digits, labels = self._images[few], self._labels[few]
        glyphs = self._families[self._rng.integers(0, len(self._families), share), 0]
        return np.concatenate([
            synthetic.half_swaps(digits, labels, count=self._mixture.loners - 3 * share, rng=self._rng),
            synthetic.overlays(digits, count=share, rng=self._rng),
            synthetic.crossed_digits(digits, glyphs, count=share, rng=self._rng),
            self._textures[self._rng.integers(0, len(self._textures), share)],
        ])

    def _some(self, rows: NDArray[np.integer], wanted: int) -> Images:
        return np.asarray(self._images[self._rng.choice(rows, wanted)])
