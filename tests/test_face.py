"""The face: what `import geoinc` gives, and how little it costs."""

import json
import subprocess
import sys

import geoinc


def test_all_is_sorted_complete_and_real():
    assert geoinc.__all__ == sorted(geoinc.__all__)
    for name in geoinc.__all__:
        assert getattr(geoinc, name) is not None
        assert getattr(geoinc, name).__doc__


def test_what_is_not_there_is_an_attribute_error():
    assert not hasattr(geoinc, "nothing_of_the_kind")


def test_import_stays_light():
    script = "import sys, json, geoinc; print(json.dumps(sorted(sys.modules)))"
    result = subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(result.stdout))
    for heavy in (
        "folium",
        "geopy",
        "scipy",
        "matplotlib",
        "openpyxl",
        "typer",
        "jinja2",
        "requests",
        "dask",
    ):
        assert heavy not in loaded, f"import geoinc loads {heavy}"


def test_errors_are_also_builtins():
    assert issubclass(geoinc.SchemaError, ValueError)
    assert issubclass(geoinc.LocalityError, ValueError)
    assert issubclass(geoinc.PlaceNotFoundError, LookupError)
    assert issubclass(geoinc.AmbiguousPlaceError, LookupError)
    assert issubclass(geoinc.GazetteerError, OSError)
