"""Which cell of a submission is which: by nbgrader's metadata, id, text, function or place.

Editors drop metadata, some drop ids; students copy, move and delete cells.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from lstm_grade.run import code
from lstm_grade.run.assignment import Assignment, Notebook, normal, signs
from lstm_grade.run.folder import shown

# So many cells of another assignment make a notebook that assignment's, if none is of this one.
_OF_ANOTHER = 3


@dataclass
class Recognised:
    """A submission's notebook, in which each known cell has its name.

    Attributes
    ----------
    notebook : dict
        In nbformat 4; ``metadata["nbgrader"]["grade_id"]`` is the name of a cell.
    odd : list of str
        How cells were recognised where metadata is missing, and which count.
    answered : list of str
        The cells that students fill in, and that were.
    other : str
        The assignment it belongs to, if it is not this one.
    """

    notebook: dict
    odd: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    other: str = ""


def grade_id(cell: dict) -> str | None:
    """Return nbgrader's name of a cell, or None."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def recognise(notebook: dict, original: Notebook, assignment: Assignment) -> Recognised:
    """Give the cells of a notebook their names.

    Parameters
    ----------
    notebook : dict
        As `lstm_grade.run.repair.read_notebook` returns it. It is changed.
    original : Notebook
    assignment : Assignment
        Whose notebook it should be.
    """
    found = Recognised(notebook, other=_other(notebook, original, assignment))
    if found.other:
        for cell in notebook["cells"]:
            cell["metadata"].pop("nbgrader", None)
        return found
    by_name = _by_metadata(notebook["cells"], original, found.odd)
    ways = [_by_id, _by_text, _by_function, _by_place]
    for way in ways:
        named = {
            name: cell
            for name, cell in way(notebook["cells"], original, by_name).items()
            if name not in by_name
        }
        for name, cell in named.items():
            cell["metadata"]["nbgrader"] = {"grade_id": name}
        by_name |= named
        if named:
            how = way.__name__.removeprefix("_by_").replace("id", "their ids")
            how = how.replace("text", "their text").replace("place", "where they stand")
            how = how.replace("function", "the functions they define")
            names = ", ".join(list(named)[:3]) + (f" and {len(named) - 3} more" * (len(named) > 3))
            found.odd.append(f"without nbgrader's metadata; recognised by {how}: {names}")
    found.answered = [
        name
        for name, cell in by_name.items()
        if original.cells[name].solution and not untouched(cell["source"], original, name)
    ]
    return found


def untouched(source: str, original: Notebook, name: str) -> bool:
    """Whether an answer's cell is as students got it, or empty."""
    return normal(source) in ("", normal(original.cells[name].released))


def _other(notebook, original, assignment):
    """Return the name of the assignment whose notebook it is, "" if it is this one's."""
    cells = notebook["cells"]
    here = signs((cell["id"], grade_id(cell), cell["source"]) for cell in cells)
    ours = signs((each.id, each.name, each.text) for each in original.given)
    score, other = max(
        ((len(here & theirs - ours), name) for name, theirs in assignment.others.items()),
        default=(0, ""),
    )
    theirs = assignment.others.get(other, frozenset())
    return other if score >= _OF_ANOTHER and not here & ours - theirs else ""


def _by_metadata(cells, original, odd):
    copies = defaultdict(list)
    for cell in cells:
        name = grade_id(cell)
        if name is not None and name not in original.cells:
            del cell["metadata"]["nbgrader"]
            odd.append(f"cell {shown(name)} is not of this assignment")
        elif name is not None:
            copies[name].append(cell)
    for name, several in copies.items():
        if len(several) > 1:
            answers = original.cells[name].solution and [
                cell for cell in several if not untouched(cell["source"], original, name)
            ]
            kept = (answers or several)[-1]
            which = "the last" if kept is several[-1] else "the last that was changed"
            odd.append(f"cell {name} was copied: {which} counts")
            for cell in several:
                if cell is not kept:
                    del cell["metadata"]["nbgrader"]
            copies[name] = [kept]
    return {name: cell for name, (cell,) in copies.items()}


def _unnamed(cells):
    return [cell for cell in cells if grade_id(cell) is None]


def _by_id(cells, original, by_name):
    names = {each.id: each.name for each in original.given if each.id and each.name}
    return {names[cell["id"]]: cell for cell in _unnamed(cells) if cell["id"] in names}


def _by_text(cells, original, by_name):
    """Return the cells whose text is as it was given, as that of tests is."""
    names = {
        normal(text): name
        for name, cell in original.cells.items()
        if cell.locked
        for text in (cell.source, cell.released)
    }
    found = {}
    for cell in _unnamed(cells):
        if name := names.get(normal(cell["source"])):
            found.setdefault(name, cell)
    return found


def _by_function(cells, original, by_name):
    """Return the cells that define the function which an answer's cell was given to define."""
    expected = {
        function: name
        for name, cell in original.cells.items()
        if cell.solution and cell.cell_type == "code" and name not in by_name
        for function in code.functions(cell.released)
    }
    found = {}
    for cell in _unnamed(cells):
        if cell["cell_type"] != "code":
            continue
        for function in code.functions(cell["source"]):
            name = expected.get(function)
            # A later one replaces it, as when the notebook is run; the empty one does not.
            if name and (name not in found or not code.is_stub(cell["source"], function)):
                found[name] = cell
    return found


def _by_place(cells, original, by_name):
    """Return the cells that stand alone between the same two as a missing answer did."""
    places = {name: at for at, cell in enumerate(cells) if (name := grade_id(cell))}
    texts = {normal(cell["source"]): at for at, cell in enumerate(cells)}
    given = original.given
    anchors = [places[each.name] if each.name in places else texts.get(each.text) for each in given]
    found = {}
    for number, each in enumerate(given):
        if each.name is None or each.name in by_name or not original.cells[each.name].solution:
            continue
        before = next((at for at in reversed(anchors[:number]) if at is not None), -1)
        after = next((at for at in anchors[number + 1 :] if at is not None), len(cells))
        own = [
            cell
            for cell in cells[before + 1 : after]
            if cell["cell_type"] == each.cell_type and grade_id(cell) is None
        ]
        # Answers that miss one after the other cannot be told apart.
        alone = anchors[number - 1 : number] != [None] and anchors[number + 1 :][:1] != [None]
        if len(own) == 1 and alone:
            found[each.name] = own[0]
    return found


def own_cells(cells: list[dict], original: Notebook) -> list[int]:
    """Return the places of a student's own cells, and of given ones that they changed."""
    texts = {each.text for each in original.given}
    return [
        at
        for at, cell in enumerate(cells)
        if grade_id(cell) is None and normal(cell["source"]) and normal(cell["source"]) not in texts
    ]


def with_name(original: Notebook, name: str) -> dict:
    """Return a cell as students got it, to put where it is missing."""
    cell = original.cells[name]
    made = {"id": name, "cell_type": cell.cell_type, "metadata": {"nbgrader": dict(cell.metadata)}}
    made["source"] = cell.source if cell.locked else cell.released
    return made | ({"outputs": [], "execution_count": None} if cell.cell_type == "code" else {})
