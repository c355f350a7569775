"""`make serve` sends what a good host sends: compressed, kept, and asked for again."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest
import serve

PAGE = "<p>forget gate</p>" * 500


def get(app, path, query=b"", **headers):
    """Ask an application for a path; return its status, headers and body."""
    sent = []
    named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": named}
    scope |= {"query_string": query}

    messages = iter([{"type": "http.request"}])

    async def receive():
        return next(messages, None) or await asyncio.Event().wait()  # who asked stays

    async def send(message):
        sent.append(message)

    # In a thread of its own: a browser's tests may have left a loop running in this one.
    with ThreadPoolExecutor() as pool:
        pool.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    heads = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
    return sent[0]["status"], heads, b"".join(one.get("body", b"") for one in sent[1:])


@pytest.fixture
def app(tmp_path):
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "404.html").write_text("nowhere")
    (tmp_path / "memory.zst").write_bytes(b"\0" * 5000)
    return serve.host(tmp_path)


def test_text_is_compressed_for_who_takes_it(app):
    status, headers, body = get(app, "/", accept_encoding="gzip")
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert gzip.decompress(body).decode() == PAGE
    assert len(body) < len(PAGE) / 10
    assert get(app, "/index.html")[2].decode() == PAGE


def test_what_is_packed_is_sent_as_it_is(app):
    _, headers, body = get(app, "/memory.zst", accept_encoding="gzip")
    assert "content-encoding" not in headers
    assert (len(body), headers["content-length"]) == (5000, "5000")


def test_a_page_is_asked_for_again_and_sent_only_if_it_changed(app, tmp_path):
    _, headers, _ = get(app, "/index.html")
    assert headers["cache-control"] == "no-cache"
    status, _, body = get(app, "/index.html", if_none_match=headers["etag"])
    assert (status, body) == (304, b"")
    (tmp_path / "index.html").write_text("new text")
    status, _, body = get(app, "/index.html", if_none_match=headers["etag"])
    assert (status, body) == (200, b"new text")


def test_what_has_a_version_is_kept(app):
    _, headers, _ = get(app, "/index.html", query=b"v=1234")
    assert headers["cache-control"] == "max-age=31536000, immutable"


def test_an_address_that_leads_nowhere_says_so(app):
    status, _, body = get(app, "/book/nothing.html")
    assert (status, body) == (404, b"nowhere")
