"""Pages from templates; whatever students wrote is escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(name: str, **values: object) -> str:
    """Return the page that the template `name` of this folder makes of `values`."""
    return _TEMPLATES.get_template(name).render(values)
