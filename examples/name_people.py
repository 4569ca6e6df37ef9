"""Find out how many people an album shows, name the one seen most often, and recognise them in another photograph.

    identity setup faces
    python examples/name_people.py album/ "Ada Lovelace" group.png

The photographs need no names and no order. Enroll people who agreed to it.
"""

import sys
from pathlib import Path

import identity

GALLERY = "album"


def main(album: Path, name: str, photograph: Path) -> None:
    """Enroll, cluster, name, query."""
    with identity.open_home() as home:
        if GALLERY not in [record.name for record, _ in home.galleries()]:
            home.create_gallery(GALLERY, model="face-reid-0095")
    with identity.open_gallery(GALLERY) as gallery:
        report = gallery.enroll(album)
        print(f"{report.gallery} faces of {report.images} photographs enrolled")
        plan, _ = gallery.clusters.run(identity.ClusterRequest(full=True))
        print(f"{plan.people} people, seen {[len(group.samples) for group in plan.groups]} times")
        most_often = plan.groups[0]  # largest first; look at them with gallery.clusters.plot(folder)
        gallery.people.name(f"c{most_often.id}", name)
        print(f"c{most_often.id} is {name}")
        for answer in gallery.query(photograph):
            for region in answer.regions:
                print(f"face at {region.box.x1},{region.box.y1}: {region.identity or region.verdict}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
