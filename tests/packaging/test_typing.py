"""A stranger's program that uses the Python API passes `mypy --strict`, and a wrong one does not."""

import subprocess
import sys
from pathlib import Path

import pytest

import identity

RIGHT = """
from pathlib import Path

import numpy as np

import identity


def names(folder: Path) -> list[str | None]:
    with identity.open_gallery("digits", home=folder) as gallery:
        report: identity.EnrolReport = gallery.enroll(folder, label="7")
        gallery.enroll([np.zeros((28, 28), np.uint8)])
        print(report.gallery, gallery.calibrate(alpha=0.05).stale)
        plan, run = gallery.clusters.run(identity.ClusterRequest(eps=0.3))
        gallery.clusters.run(algo="dbscan", eps=0.3, min_samples=2, full=True)
        largest: int | None = gallery.people.list()[0].cluster
        print(largest, [one.sample.id for one in gallery.people.show("Ada").samples], gallery.people.suggestions())
        gallery.plots.thresholds("thresholds.png")
        forgotten: int = gallery.samples.forget("8")
        print(forgotten)
        gallery.people.name(f"c{plan.groups[0].id}", "Ada")
        gallery.clusters.undo()
        answers: list[identity.ProbeVerdict] = [*gallery.query("a.png"), *gallery.query(np.zeros((9, 9), np.uint8))]
        known = [one for answer in answers for one in answer.regions if one.verdict is identity.Verdict.KNOWN]
    return [region.identity for region in known]


try:
    print(names(Path("home")))
except identity.IdentityError as error:
    print(error, error.exit_code)
"""
WRONG = RIGHT.replace("list[str | None]:", "list[int]:").replace("print(report.gallery", "print(report.galery")


def checked(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "program.py").write_text(program)
    root = Path(identity.__file__).parents[1]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--follow-imports=silent", "program.py"]
    environment = {"MYPYPATH": str(root), "PATH": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_program_that_uses_the_api_rightly_passes_strict_type_checks(tmp_path):
    made = checked(RIGHT, tmp_path)
    assert made.returncode == 0, made.stdout


def test_one_that_uses_it_wrongly_does_not(tmp_path):
    said = checked(WRONG, tmp_path).stdout
    assert 'has no attribute "galery"' in said
    assert "Incompatible return value type" in said or "List comprehension has incompatible type" in said


def test_the_package_says_that_it_is_typed():
    assert (Path(identity.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("name", identity.__all__)
def test_every_public_name_is_there(name):
    assert getattr(identity, name) is not None


def test_importing_the_package_imports_nothing_heavy():
    program = "import sys, identity; print(sorted({'numpy', 'faiss', 'sqlalchemy', 'onnxruntime'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
