"""The command ``geoinc``: every verb is one public function."""

# Each adds its verbs.
from geoinc.cli import drawing, exchanging, figures, linked, placing, reading
from geoinc.cli.app import app

__all__ = ["app", "drawing", "exchanging", "figures", "linked", "placing", "reading"]
