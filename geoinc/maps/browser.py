"""An installed Chromium that turns a page into a PNG or a PDF."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

#: Names under which Chromium and its kin are installed.
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
    "brave-browser",
)

#: Where they are when they are not on the PATH.
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
)

#: A page that is not drawn after so long never will be, seconds.
_PATIENCE_S = 180.0

#: It shows one page of ours, keeps nothing, and asks nobody for anything of its own.
_QUIET = (
    "--headless",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    # Timers run ahead until nothing is left to do: the picture is taken of the finished page.
    "--virtual-time-budget=10000",
)

#: No name is looked up and no address reached.
_ALONE = ("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9")


def find_browser() -> str:
    """Return the path of an installed Chromium, Chrome or Edge.

    Raises
    ------
    FileNotFoundError
        Where there is none, with what to do.
    """
    found = (shutil.which(name) for name in NAMES)
    there = (place for place in PLACES if Path(place).is_file())
    browser = next((path for path in (*found, *there) if path), None)
    if browser is None:
        msg = (
            "no Chromium, Chrome or Edge on this machine: a PNG or PDF is drawn by one of them. "
            "Install one (Debian: apt install chromium), or use to_svg, which needs none"
        )
        raise FileNotFoundError(msg)
    return browser


def photograph(
    page: str, kind: str, size: tuple[int, int, float], *, online: bool = False
) -> bytes:
    """Return a page as a picture.

    Parameters
    ----------
    page : str
        Its HTML.
    kind : str
        ``"png"`` or ``"pdf"``.
    size : tuple of int, int and float
        Width and height of the window, in pixels of the page, and pixels of the picture to one of these.
    online : bool
        Whether the page may fetch what its policy allows; otherwise the browser has no network.

    Raises
    ------
    FileNotFoundError
        Where there is no browser.
    OSError
        Where the browser made no picture, with the last it said.
    """
    browser = find_browser()
    width, height, scale = size
    # A browser in a snap sees no hidden folders and not the usual one for drafts.
    home = Path.home() if "snap" in Path(browser).resolve().parts else None
    with tempfile.TemporaryDirectory(
        prefix="geoinc-", dir=home, ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        source, picture = folder / "page.html", folder / f"picture.{kind}"
        source.write_text(page, "utf-8", newline="")
        order = f"--screenshot={picture}" if kind == "png" else f"--print-to-pdf={picture}"
        command = [
            browser,
            *_QUIET,
            *(() if online else _ALONE),
            # Its sandbox does not start for root, as in a container.
            *(("--no-sandbox",) if sys.platform == "linux" and os.geteuid() == 0 else ()),
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},{height}",
            f"--force-device-scale-factor={scale:g}",
            order,
            source.as_uri(),
        ]
        try:
            done = subprocess.run(  # noqa: S603  # the browser that is installed, and our own page
                command, capture_output=True, text=True, errors="replace", check=False,
                stdin=subprocess.DEVNULL, timeout=_PATIENCE_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            msg = f"{browser} made no picture in {_PATIENCE_S:g} s"
            raise OSError(msg) from error
        if not picture.is_file() or not picture.stat().st_size:
            said = (done.stderr or done.stdout).strip().splitlines()[-3:]
            msg = f"{browser} made no picture (exit code {done.returncode}): {' / '.join(said)}"
            raise OSError(msg)
        return picture.read_bytes()
