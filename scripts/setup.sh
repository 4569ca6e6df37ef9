# Sourced by scripts/check and scripts/demo: a virtual environment in the checkout, with pinned versions.
# set_up EXTRAS: installs the package with these extras ("" for the base), again only when the pins changed.

set_up() {
    local extras="$1" python="${PYTHON:-python3}" stamp wanted
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "identity needs Python 3.11 or newer: set PYTHON to one" >&2
        exit 1
    }
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    wanted="$(cat pyproject.toml constraints.txt | cksum) [$extras]"
    stamp=.venv/identity-setup
    if [ ! -f "$stamp" ] || ! grep -qxF "$wanted" "$stamp"; then
        echo "installing into .venv (once)" >&2
        .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".${extras:+[$extras]}"
        echo "$wanted" >>"$stamp"
    fi
}
