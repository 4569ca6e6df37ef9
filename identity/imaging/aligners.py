"""Which aligner prepares images for a network: the one that its manifest names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.core.errors import UsageError

if TYPE_CHECKING:
    from identity.core.model import ModelManifest
    from identity.core.pipeline_ports import Aligner


def aligner_for(manifest: ModelManifest) -> Aligner:
    """Loaded when it is asked for. Raises `UsageError` for an alignment that this version does not know."""
    match manifest.alignment:
        case "mnist-28/1":
            from identity.imaging.digits import DigitAligner

            return DigitAligner()
        case "five-point/1":
            from identity.imaging.five_point import FivePointAligner

            return FivePointAligner(manifest.template, manifest.input.size_px)
        case "whole/1" | "loose/1" as method:
            from identity.imaging.five_point import LooseAligner, WholeAligner

            return (WholeAligner if method == "whole/1" else LooseAligner)(manifest.input.size_px)
        case other:
            raise UsageError(f"model '{manifest.name}' needs alignment '{other}': install a newer version of identity")
