"""Imports go down only: the floors of docs/design.md, section 3, held by reading the imports."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "geoinc"

FLOORS = {
    1: {"geodesy", "space", "h3_cells", "toponyms", "errors", "geopackage", "progress"},
    2: {"places", "localities", "schema", "precision", "matching", "comparing", "hinting", "store"},
    3: {"verdicts", "repeats", "finding", "gazetteer", "reports", "uncertainty", "counting",
        "coarsening"},
    4: {"decisions", "georeferencing", "sources", "online", "distance", "stats"},
    5: {"layers", "maps", "exchange"},
    6: {"linking", "comparison", "checking", "distributed"},
    7: {"cli"},
}  # fmt: skip
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms}

#: The wing "what of it" never needs to know how a name became a place.
PLACES_WING = {
    "toponyms", "geopackage", "matching", "comparing", "hinting", "store", "verdicts", "repeats",
    "finding", "localities", "gazetteer", "georeferencing", "sources", "decisions",
}  # fmt: skip
RESULTS_WING = {"distance", "counting", "maps", "uncertainty", "stats"}


def modules():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name != "data"]


def room_of(path):
    inside = path.relative_to(PACKAGE).with_suffix("").parts
    return inside[0]


def imported_rooms(path):
    """Yield every room of geoinc that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "geoinc" and len(parts) > 1:
                yield parts[1]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path):
    room = room_of(path)
    if room in {"__init__", "cli"}:  # the face and the command may use every room
        return
    assert room in FLOOR, f"{room} has no floor: give it one in docs/design.md and here"
    for other in imported_rooms(path):
        if other == room:
            continue
        assert FLOOR.get(other, 0) <= FLOOR[room], f"{room} imports {other}, which is above it"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_results_do_not_know_names(path):
    if room_of(path) in RESULTS_WING:
        assert not set(imported_rooms(path)) & PLACES_WING


def module_name(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(path, names):
    """Yield the files of geoinc that a file imports when it is imported itself, by name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:  # not those of TYPE_CHECKING, nor late ones inside functions
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield from (name for name in (whole, node.module) if name in names)


def circles(graph):
    """Return what is left of a graph when all that needs nothing more is taken away."""
    done = set()
    while free := [one for one, needs in graph.items() if needs <= done]:
        done.update(free)
        graph = {one: needs for one, needs in graph.items() if one not in done}
    return sorted(graph)


def test_rooms_do_not_import_each_other():
    graph = {}
    for path in modules():
        room = room_of(path)
        if room not in {"__init__", "cli"}:
            graph.setdefault(room, set()).update(set(imported_rooms(path)) - {room})
    assert not circles(graph)


def test_files_do_not_import_each_other():
    names = {module_name(path): path for path in modules() if path.name != "__init__.py"}
    graph = {name: set(imported_modules(path, names)) - {name} for name, path in names.items()}
    assert not circles(graph)


def test_no_function_bears_the_name_of_a_module():
    rooms = set(FLOOR)
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert node.name not in rooms, f"{path.name}: {node.name} is a module's name"
