"""Says which identity in a gallery an image shows, or honestly says unknown.

    import identity

    with identity.open_gallery("digits") as gallery:
        for answer in gallery.query(["seven.png"]):
            print(answer.regions[0].verdict, answer.regions[0].identity)

Nothing heavy is imported before `open_gallery` is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from identity.bootstrap import open_gallery as open_gallery
    from identity.bootstrap import open_home as open_home

__version__ = "0.1.0"
__all__ = ["__version__", "open_gallery", "open_home"]


def __getattr__(name: str) -> Any:
    if name in {"open_gallery", "open_home"}:
        from identity import bootstrap

        return getattr(bootstrap, name)
    raise AttributeError(f"module 'identity' has no attribute {name!r}")
