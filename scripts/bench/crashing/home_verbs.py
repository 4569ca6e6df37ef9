"""Verbs about the whole home: backups, galleries and models that come and go."""

from __future__ import annotations

from typing import Any

from crashing.world import EXTRA, SPARE

from identity import bootstrap


def backup(child: Any, gallery: Any) -> Any:
    path = child.folder / "backups" / f"{child.rng.integers(4)}.bak"
    return {"backup": path.name}, lambda: child.home.backup(path)


def restore(child: Any, gallery: Any) -> Any:
    there = sorted((child.folder / "backups").glob("*.bak"))
    if not there:
        return None
    path = there[child.rng.integers(len(there))]

    def put_back() -> None:
        child.home.close()
        bootstrap.restore(path, home=child.folder / "home")
        child.home = bootstrap.open_home(home=child.folder / "home")

    return {"restore": path.name}, put_back


def create_or_delete(child: Any, gallery: Any) -> Any:
    if EXTRA in [one.name for one, _ in child.home.galleries()]:
        return {"deleted": EXTRA}, lambda: child.home.delete_gallery(EXTRA)
    return {"created": EXTRA}, lambda: child.home.create_gallery(EXTRA, model="digits").name


def add_or_remove_model(child: Any, gallery: Any) -> Any:
    models = bootstrap.open_models(home=child.folder / "home")
    if SPARE in [one.manifest.name for one in models.list()]:
        return {"model": None}, lambda: models.remove(SPARE)
    return {"model": SPARE}, lambda: models.add(child.folder / "network", name=SPARE).manifest.name


IN_TABLES = [create_or_delete, create_or_delete, add_or_remove_model]
IN_FILES = [backup, restore, add_or_remove_model]  # a server backs itself up
