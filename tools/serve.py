"""Serve the built book as a good host does: compressed, and cached by the browser.

    python tools/serve.py PORT

Run by `make serve`. What has a version in its address never changes, and is kept; for all else
the browser asks whether it has changed, and gets it only then. Python for the browser is packed
already: that would cost time and save nothing.
"""

import sys
from pathlib import Path

import uvicorn
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

BOOK = Path(__file__).resolve().parents[1] / "_build/html"
PACKED = (".bin", ".bz2", ".gif", ".ico", ".jpg", ".png", ".whl", ".woff", ".woff2", ".zip", ".zst")


class Pages(StaticFiles):
    """A folder of pages, each answer with how long it may be kept."""

    async def get_response(self, path, scope):
        """Answer a request."""
        response = await super().get_response(path, scope)
        versioned = scope["query_string"].startswith((b"v=", b"digest="))
        keep = "max-age=31536000, immutable" if versioned else "no-cache"
        response.headers["cache-control"] = keep
        return response


def host(folder):
    """Return the application that serves a folder."""
    plain = Pages(directory=folder, html=True)
    compressed = GZipMiddleware(plain, compresslevel=6)

    async def serve(scope, receive, send):
        packed = scope["type"] == "http" and scope["path"].endswith(PACKED)
        await (plain if packed else compressed)(scope, receive, send)

    return serve


def main(port):
    """Serve until Ctrl-C."""
    print(f"http://127.0.0.1:{port}/ (stop with Ctrl-C)", flush=True)
    uvicorn.run(host(BOOK), host="127.0.0.1", port=int(port), log_level="warning", lifespan="off")


if __name__ == "__main__":
    main(sys.argv[1])
