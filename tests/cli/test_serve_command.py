"""`identity serve` says in a line what it lacks, and costs the other commands nothing."""

from __future__ import annotations

import subprocess
import sys


def test_other_commands_do_not_import_the_server() -> None:
    code = "import sys, identity.cli.main; print({'fastapi', 'uvicorn', 'starlette', 'pydantic'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['fastapi'] = None\n"
        "from identity.cli.main import main; main(['serve', '--demo'])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "pip install 'identity-search[web]'" in ran.stderr
