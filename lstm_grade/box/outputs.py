"""Outputs of an executed notebook: text and PNG, nothing that a browser would run."""

from __future__ import annotations

import base64
import re
from typing import Any

from nbformat import NotebookNode, v4

from lstm_grade.box import frames

PNG = b"\x89PNG\r\n\x1a\n"
# Of the control characters only tab, newline and carriage return; no lone surrogates.
# What makes a line read in another order than it is written: embeddings, overrides, isolates.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def rebuild(output: dict[str, Any], buffers: frames.Buffers) -> NotebookNode:
    """Return a notebook's output from what the sandbox says it is: text or PNG."""
    kind, data = output["kind"], bytes(buffers[output["buffer"]])
    if kind == "png":
        if not data.startswith(PNG):
            raise ValueError("not a PNG")
        image = base64.b64encode(data).decode()
        return v4.new_output("display_data", {"image/png": image})
    text = data.decode("utf-8", "replace")
    if kind == "stream":
        name = "stderr" if output["name"] == "stderr" else "stdout"
        return v4.new_output("stream", name=name, text=text)
    kind = "execute_result" if kind == "result" else "display_data"
    return v4.new_output(kind, {"text/plain": text})


def failure(name: str, text: str, trace: list[str]) -> NotebookNode:
    """Return a notebook's error output."""
    return v4.new_output("error", ename=name[:100], evalue=text, traceback=trace)


def bounded(outputs: list[NotebookNode], limit: int) -> int:
    """Clean the outputs' texts and cut them at `limit` characters in all; return how many."""
    room = limit

    def cut(text: str) -> str:
        nonlocal room
        text = clean(text[: max(room, 0) + 1])
        whole = len(text) <= room
        shown = text if whole else text[: max(room, 0)] + "\n[cut]\n"
        room -= len(text)
        return shown

    for output in outputs:
        if output.output_type == "stream":
            output.text = cut(output.text)
        elif output.output_type == "error":
            output.ename, output.evalue = cut(output.ename), cut(output.evalue)
            output.traceback = [cut(line[:4000]) for line in output.traceback[:60]]
        elif "text/plain" in output.data:
            output.data["text/plain"] = cut(output.data["text/plain"])
    return limit - room


def clean(text: str) -> str:
    """Replace what no notebook, page or database takes, and show what turns the text around."""
    text = UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
