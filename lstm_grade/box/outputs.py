"""Outputs of an executed notebook: text and PNG, nothing that a browser would run."""

import base64
import re

from nbformat import v4

PNG = b"\x89PNG\r\n\x1a\n"
# Of the control characters only tab, newline and carriage return; no lone surrogates.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def rebuild(output, buffers):
    """Return a notebook's output from what the sandbox says it is: text or PNG."""
    kind = output["kind"]
    if kind == "png":
        data = bytes(buffers[output["buffer"]])
        if not data.startswith(PNG):
            raise ValueError("not a PNG")
        image = base64.b64encode(data).decode()
        return v4.new_output("display_data", {"image/png": image})
    if kind == "stream":
        name = "stderr" if output["name"] == "stderr" else "stdout"
        return v4.new_output("stream", name=name, text=str(output["text"]))
    data = {"text/plain": str(output["text"])}
    return v4.new_output("execute_result" if kind == "result" else "display_data", data)


def failure(name, text, trace):
    """Return a notebook's error output."""
    return v4.new_output("error", ename=name[:100], evalue=text, traceback=trace)


def bounded(outputs, limit):
    """Clean the outputs' texts and cut them at `limit` characters in all."""
    room = limit
    for output in outputs:
        holder, keys = output, ()
        if output.output_type == "stream":
            keys = ("text",)
        elif output.output_type == "error":
            keys = ("ename", "evalue")
            output.traceback = [clean(line)[:4000] for line in output.traceback[:60]]
        elif "text/plain" in output.data:
            holder, keys = output.data, ("text/plain",)
        for key in keys:
            text = clean(holder[key])
            holder[key] = text if len(text) <= room else text[: max(room, 0)] + "\n[cut]\n"
            room -= len(text)
    return outputs


def clean(text):
    """Replace what no notebook, page or database takes."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
