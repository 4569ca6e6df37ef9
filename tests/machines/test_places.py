"""Where nobody can work, one line says why and what to do; without --on, Dask is not even imported."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import identity
from identity.core.errors import WorkersError
from identity.machines import connecting, dask_workers

ROOT = Path(__file__).parents[2]


def enroll(home: Path, images: Path, address: str, **more: bool) -> identity.EnrolReport:
    with identity.open_gallery("strokes", home=home) as gallery:
        return gallery.enroll(images, on=address, **more)


@pytest.mark.parametrize(
    "address",
    ["dask://", "dask://host", "ray://host:1", "host:8786", "dask://local", "dask://local?workers=0", "dask://a:b"],
)
def test_an_address_that_is_none_says_what_one_looks_like(home, strokes, address):
    with pytest.raises(identity.UsageError, match=r"--on .*dask://"):
        enroll(home("there"), strokes, address)


def test_without_the_extra_it_says_what_to_install(home, strokes, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(identity.UsageError, match=r"pip install 'identity-search\[cluster\]'"):
        enroll(home("there"), strokes, "dask://localhost:1")


def test_no_scheduler_there_is_said_in_one_line(home, strokes, monkeypatch):
    monkeypatch.setattr(connecting, "CONNECT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(WorkersError, match=r"no Dask scheduler answers .*'dask scheduler'"):
        enroll(home("there"), strokes, f"dask://127.0.0.1:{port}")


def test_a_scheduler_without_workers_is_waited_for_and_then_given_up(home, strokes, scheduler, monkeypatch):
    monkeypatch.setattr(dask_workers, "NOBODY_S", 0.5)
    scheduler.bring_to(0)
    with pytest.raises(WorkersError, match="has no worker: start some"):
        enroll(home("there"), strokes, scheduler.address)


def test_workers_that_do_not_see_the_files_say_so(cluster, home, tmp_path, monkeypatch):
    from identity.workflows.elsewhere import reading

    monkeypatch.setattr(reading, "absolute", lambda path: f"/of-another-machine{path}")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(b"")
    with pytest.raises(identity.UsageError, match=r"does not see .*a.png.* --send-images"):
        enroll(home("there"), tmp_path / "photos", cluster.address)


def test_a_worker_of_another_version_is_refused(cluster, home, strokes, monkeypatch):
    from identity.workflows.elsewhere import enrolling

    is_ready = enrolling.is_ready
    monkeypatch.setattr(enrolling, "is_ready", is_ready)
    begin = dask_workers.DaskWorkers.begin

    def of_another(self, work, *given, **options):
        given = (*given, "0.0.9") if work is is_ready else given
        return begin(self, work, *given, **options)

    monkeypatch.setattr(dask_workers.DaskWorkers, "begin", of_another)
    with pytest.raises(WorkersError, match=r"here is 0\.0\.9: install the same"):
        enroll(home("there"), strokes, cluster.address)


def test_an_enrolment_here_imports_nothing_of_dask(home, strokes):
    program = (
        "import sys\nfrom identity.cli.main import main\n"
        f"try: main(['--home', {str(home('there'))!r}, 'enroll', {str(strokes / '1')!r}, '-g', 'strokes'])\n"
        "except SystemExit: pass\n"
        "sys.exit(len({'distributed', 'dask', 'identity.machines'} & set(sys.modules)))"
    )
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
