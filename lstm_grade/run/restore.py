"""Put back in place what a student must not change, and lose nothing of what they wrote.

What runs as a test is the instructor's text, whatever is done here: this only
decides where it runs, and which answers a person has to look at.
"""

from nbformat import from_dict
from nbgrader.utils import compute_checksum

from lstm_grade.run import code
from lstm_grade.run.assignment import Notebook, normal
from lstm_grade.run.folder import shown
from lstm_grade.run.recognise import Recognised, grade_id, own_cells, untouched, with_name

TYPED = "typed-into-"


def restore(
    found: Recognised, original: Notebook, known=frozenset(), damaged=False
) -> tuple[list[str], dict[str, str]]:
    """Make a submission's notebook one that can be graded.

    Parameters
    ----------
    found : Recognised
        Its notebook is changed.
    original : Notebook
    known : collection of str
        Texts that locked cells had in earlier releases.
    damaged : bool
        Whether the file was cut off or damaged: what is missing may have been written.

    Returns
    -------
    odd : list of str
        What was found changed, and what was done about it.
    waits : dict of str to str
        Cells that a person has to look at, and why.
    """
    notebook = found.notebook
    cells = notebook["cells"]
    by_name = {name: cell for cell in cells if (name := grade_id(cell))}
    odd: list[str] = []
    for name, cell in by_name.items():
        odd += _retype(cell, name, original)
    typed = {}
    for name, cell in by_name.items():
        if original.cells[name].locked:
            odd += _unlock(cell, name, original, known, typed)
        cell["metadata"]["nbgrader"] = dict(original.cells[name].metadata)
    _insert_typed(cells, typed, original)
    missing = [name for name in original.cells if name not in by_name]
    odd += _put_back(cells, missing, original)
    odd += _order(cells, original)
    waits = _own_answers(cells, original, odd)
    gone = {name for name in missing if original.cells[name].solution}
    for name in missing if damaged else ():
        if original.cells[name].solution and original.cells[name].grade:
            waits.setdefault(name, "the file is damaged, and this cell is not in it")
    if damaged:
        lost = {each for name in gone for each in code.defines(original.cells[name].released)}
        lost -= {each for cell in cells for each in _defined(cell)}
        for name, cell in original.cells.items():
            if cell.test and code.uses(cell.source) & lost:
                waits.setdefault(name, "the file is damaged, and what this tests is not in it")
    _ids(cells)
    notebook["metadata"] = {"kernelspec": original.kernelspec} if original.kernelspec else {}
    return list(dict.fromkeys(odd)), waits


def _ids(cells):
    """Let no two cells have the same id: what was put in may have that of a copy."""
    used = set()
    for number, cell in enumerate(cells):
        if cell["id"] in used:
            cell["id"] = f"{cell['id'][:50]}-{number}"
        used.add(cell["id"])


def _defined(cell):
    return code.defines(cell["source"]) if cell["cell_type"] == "code" else ()


def _retype(cell, name, original):
    right = original.cells[name].cell_type
    if cell["cell_type"] == right:
        return []
    said = f"cell {name} was made {cell['cell_type']}: restored"
    for key in ("outputs", "execution_count", "attachments"):
        cell.pop(key, None)
    cell["cell_type"] = right
    if right == "code":
        cell |= {"outputs": [], "execution_count": None}
    return [said]


def _unlock(cell, name, original, known, typed):
    """Give a locked cell its own text; keep what a student defined in it."""
    right, text = original.cells[name], normal(cell["source"])
    as_given = _is_as_released(cell, right)
    cell["source"] = right.source
    if text in (normal(right.released), normal(right.source)) or text in known:
        return []
    if as_given:
        return [f"cell {name} is that of another release: the present one was used"]
    odd = [f"cell {name} was changed: restored"]
    added = code.typed(text, right.released, right.source) if right.cell_type == "code" else ""
    if added:
        typed[name] = added
        odd = [
            f"code was typed into the cell {name}: it runs in a cell of its own, {name} as given"
        ]
    return odd


def _is_as_released(cell, right):
    """Whether the text fits the checksum that came with it, as in a release of another time."""
    claimed = cell["metadata"]["nbgrader"].get("checksum")
    as_now = {**cell, "metadata": {"nbgrader": dict(right.metadata)}}
    return claimed is not None and compute_checksum(from_dict(as_now)) == claimed


def _insert_typed(cells, typed, original):
    """Put what was typed into a test before it, what was typed into another cell behind it."""
    for name, text in typed.items():
        at = next(at for at, cell in enumerate(cells) if grade_id(cell) == name)
        own = {"id": f"{TYPED}{name}"[:64], "cell_type": "code", "metadata": {}, "source": text}
        own |= {"outputs": [], "execution_count": None}
        cells.insert(at if original.cells[name].grade else at + 1, own)


def _put_back(cells, missing, original):
    """Put locked cells that are missing where they stood; return what is missing."""
    odd = []
    names = list(original.cells)
    for name in missing:
        cell = original.cells[name]
        if not (cell.locked or cell.grade or cell.task):
            odd.append(f"cell {name} is missing")
            continue
        before = names[: names.index(name)]
        at = next((at for at in range(len(cells), 0, -1) if grade_id(cells[at - 1]) in before), 0)
        cells.insert(at, with_name(original, name))
        points = f", {cell.points:g} points" if cell.by_hand else ""
        odd.append(f"cell {name} is missing: put back{points}")
    return odd


def _order(cells, original):
    """Move tests behind what they test, and given cells before what follows them."""
    odd, moved = [], {"down": [], "up": []}
    names = list(original.cells)
    exports = frozenset(original.exports)
    for export in original.exports:
        # Run from above, the empty cell would take its place again.
        at, own = _effective(export, cells, original)
        for name in _given_for(export, original) if own else ():
            here = next((n for n, cell in enumerate(cells) if grade_id(cell) == name), -1)
            if here > at:
                cells.insert(at, cells.pop(here))
                odd.append(f"{own} stands in another cell, above the empty one: it counts")
    for name in names:
        if not original.cells[name].test:
            continue
        here = _place(cells, name)
        tested = code.uses(cells[here]["source"]) & exports
        places = [_effective(each, cells, original) for each in tested]
        last = max([here, *(at for at, _ in places)])
        if last == here:
            continue
        cells.insert(last, cells.pop(here))
        if own := sorted(each for at, each in places if at > here and each):
            odd.append(
                f"{', '.join(own)} stands in another cell, below {name}: "
                "the test was moved behind it"
            )
        else:
            moved["down"].append(name)
    for name in reversed(names):
        cell = original.cells[name]
        if cell.grade or not cell.locked or cell.cell_type != "code":
            continue
        after = names[names.index(name) + 1 :]
        here = _place(cells, name)
        first = next((at for at, each in enumerate(cells) if grade_id(each) in after), here)
        if first < here:
            cells.insert(first, cells.pop(here))
            moved["up"].append(name)
    for where, those in moved.items():
        if those:
            why = "above what they test" if where == "down" else "below what needs them"
            odd.append(f"cells stood {why}: moved {where}: {_some(those)}")
    return odd


def _place(cells, name):
    return next(at for at, cell in enumerate(cells) if grade_id(cell) == name)


def _some(names):
    return ", ".join(names[:3]) + f" and {len(names) - 3} more" * (len(names) > 3)


def _effective(export, cells, original):
    """Return where an export gets its value, and its name if that is a cell of the student's own.

    That is the cell given for it, if something was written there; else the
    last of the student's own that defines it, and else the given one.
    """
    given = _given_for(export, original)
    places = [
        at
        for at, cell in enumerate(cells)
        if export in _defined(cell) and not code.is_stub(cell["source"], export)
    ]
    in_given = [at for at in places if grade_id(cells[at]) in given]
    own = [at for at in places if grade_id(cells[at]) is None]
    if in_given:
        return in_given[-1], ""
    if own:
        return own[-1], export
    stubs = [at for at, cell in enumerate(cells) if grade_id(cell) in given]
    return max(stubs, default=-1), ""


def _given_for(export, original):
    """Return the cells in which students were asked to define an export."""
    return {
        name
        for name, cell in original.cells.items()
        if cell.solution and cell.cell_type == "code" and export in code.defines(cell.released)
    }


def _own_answers(cells, original, odd):
    """Return the empty answers beside which a student has written in another cell."""
    waits = {}
    own = own_cells(cells, original)
    places = {grade_id(cell): at for at, cell in enumerate(cells) if grade_id(cell)}
    for name, cell in original.cells.items():
        if not (cell.grade and cell.solution) or name not in places:
            continue
        here = places[name]
        if not untouched(cells[here]["source"], original, name):
            continue
        others = [at for each, at in places.items() if each != name and original.cells[each].grade]
        first = max((at for at in others if at < here), default=-1)
        last = min((at for at in others if at > here), default=len(cells))
        beside = [at for at in own if first < at < last and _may_answer(cells[at], cell)]
        if beside:
            words = shown(cells[beside[0]]["source"])[:40]
            waits[name] = f"nothing is written in it, but beside it stands: {words}"
            odd.append(f"cell {name} is empty; an answer may stand in another cell: {words}")
    return waits


def _may_answer(cell, asked):
    if asked.cell_type == "code":
        return cell["cell_type"] == "code"
    return cell["cell_type"] != "code" or code.is_prose(cell["source"])
