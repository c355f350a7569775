"""What pages the book has, by its table of contents."""

from pathlib import Path

import yaml

TOC = yaml.safe_load((Path(__file__).parents[1] / "_toc.yml").read_text("utf-8"))


def pages():
    """Name every page of the book, and those that Sphinx adds."""
    chapters = [chapter["file"] for part in TOC["parts"] for chapter in part["chapters"]]
    return [f"{name}.html" for name in [TOC["root"], *chapters, "search", "genindex", "404"]]


def lessons():
    """Name the chapters with a number."""
    return [c["file"] for part in TOC["parts"] if part.get("numbered") for c in part["chapters"]]
