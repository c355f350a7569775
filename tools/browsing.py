"""The browser for what is printed, photographed or tested: Debian's Chromium, without windows."""

import contextlib
import shutil
import sys

from playwright.sync_api import sync_playwright

# Without hinting letters are as wide as on a screen; the shell would round their widths.
FLAGS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]
MISSING = "No chromium: on Debian or Ubuntu, apt-get install chromium"


def path():
    """Return where Chromium is, None if it is nowhere; the one that has no windows comes first.

    It is the same engine, and draws nothing around a page.
    """
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


@contextlib.contextmanager
def chromium():
    """Start Chromium without a window, and close it at the end."""
    if not path():
        sys.exit(MISSING)
    with sync_playwright() as playwright:
        with playwright.chromium.launch(executable_path=path(), args=FLAGS) as browser:
            yield browser
