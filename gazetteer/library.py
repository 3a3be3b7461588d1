"""Modules of geoinc that the build uses: loaded by their files, since geoinc needs far more."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

PACKAGE = Path(__file__).resolve().parents[1] / "geoinc"
#: The search keys, and the file with its discs: standard library and shapely.
TOPONYMS = PACKAGE / "toponyms.py"
GEOPACKAGE = PACKAGE / "geopackage.py"


def load(path: Path) -> ModuleType:
    """Return a module by its file, without importing the package it stands in."""
    name = f"geoinc_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
