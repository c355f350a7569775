"""The browser for what is printed or photographed: Debian's Chromium."""

import contextlib
import shutil
import sys

from playwright.sync_api import sync_playwright


@contextlib.contextmanager
def chromium():
    """Start Chromium without a window, and close it at the end."""
    path = shutil.which("chromium")
    if not path:
        sys.exit("No chromium: on Debian or Ubuntu, apt-get install chromium")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        with playwright.chromium.launch(executable_path=path, args=flags) as browser:
            yield browser
