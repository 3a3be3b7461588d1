"""The command ``geoinc``: every verb is one public function."""

from geoinc.cli import drawing, figures, linked, placing  # each adds its verbs
from geoinc.cli.app import app

__all__ = ["app", "drawing", "figures", "linked", "placing"]
