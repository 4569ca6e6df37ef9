"""Whether a gallery shows digits or faces is asked once: of the table in core/domain.py."""

import ast
from pathlib import Path

import pytest

import identity
from identity.core.domain import DIGITS, DOMAINS, domain_of, reasons_for_good
from identity.core.errors import UsageError

PACKAGE = Path(identity.__file__).parent
MAY_ASK = {"core/domain.py", "zoo/manifest.py", "zoo/catalogue.py"}
FORBIDDEN_NAMES = ("shows_faces", "is_face", "is_digit", "shows_digits")


def kinds_tested(source: str) -> list[int]:
    """Lines that compare or match a kind, or bear a name that says they would."""
    return sorted({node.lineno for node in ast.walk(ast.parse(source)) if _tests_a_kind(node)})


def _tests_a_kind(node: ast.AST) -> bool:
    match node:
        case ast.Compare():
            return any(_is_kind(one) for one in [node.left, *node.comparators])
        case ast.Match(subject=subject):
            return _is_kind(subject)
        case ast.MatchValue(value=value):
            return _is_kind(value)
        case ast.Subscript(value=value, slice=slice_):
            return not _is_table(value) and _is_kind(slice_)
        case ast.Dict(keys=keys):
            return any(_is_kind(key) for key in keys if key is not None)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in FORBIDDEN_NAMES
        case ast.FunctionDef(name=name):
            return name in FORBIDDEN_NAMES
        case _:
            return False


def _is_kind(node: ast.expr) -> bool:
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return any(_is_kind(one) for one in node.elts)
    return _is_attribute(node) or (isinstance(node, ast.Constant) and node.value in DOMAINS)


def _is_attribute(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "kind"


def _is_table(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "DOMAINS"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_but_the_table_and_manifests_tests_a_kind(path):
    if str(path.relative_to(PACKAGE)) not in MAY_ASK:
        assert kinds_tested(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "if model.kind == 'face': pass",
        "x = 2 if 'digits' == what else 5",
        "match model.kind:\n    case 'a': pass",
        "x = {'face': 2}[model.kind]",
        "if gallery.shows_faces: pass",
        "x = what in {'a'} or model.kind in ('a',)",
        "x = what in ('face', 'digits')",
        "match what:\n    case 'face': pass",
        "match what:\n    case 'x' | 'digits': pass",
        "x = {'face': 2, 'digits': 5}.get(what)",
        "x = needs['face']",
        "def is_face(model): pass",
    ],
)
def test_code_that_tests_a_kind_would_be_found(source):
    assert kinds_tested(source)


def test_a_gallery_without_its_model_asks_for_nothing_special():
    assert domain_of(None) is DIGITS


def test_an_unknown_kind_is_an_error_that_names_the_known_ones(monkeypatch):
    model = type("Model", (), {"kind": "signature"})()
    with pytest.raises(UsageError, match=r"'signature'.*digits, face"):
        domain_of(model)


def test_reasons_that_older_databases_hold_stay_recognised():
    assert {"no face found", "no ink: nothing to see in the image"} <= set(reasons_for_good())
