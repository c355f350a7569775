"""Of all files of a submission the one to grade."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lstm_grade.run.assignment import Assignment, normal
from lstm_grade.run.folder import CHECKPOINTS, natural, shown
from lstm_grade.run.recognise import Recognised, grade_id, recognise
from lstm_grade.run.repair import read_notebook

# What a notebook's bytes hold, whatever the file is called.
_SIGNS = (b'"cells"', b'"worksheets"')
_HEAD = 1 << 16
# Bytes of a notebook in which nobody has written anything, without its outputs.
_BLANK = 10_000


@dataclass
class Chosen:
    """A notebook of a submission, or why there is none.

    Attributes
    ----------
    found : Recognised or None
    odd : list of str
    damaged : bool
        Whether cells may be missing that the student wrote.
    waits : str
        Why a person has to look at what was handed in, as no test can; "" if none has to.
    seen : dict or None
        The notebook that this person sees.
    path : str
        Of the file that was chosen, "" if there is none.
    """

    found: Recognised | None
    odd: list[str] = field(default_factory=list)
    damaged: bool = False
    waits: str = ""
    seen: dict | None = None
    path: str = ""


def find_notebook(files: Mapping[str, bytes | None], name: str, assignment: Assignment) -> Chosen:
    """Find a notebook among the files of a submission, whatever it is called there.

    Each file that may be it is read. One with answers beats one without, more
    answers beat fewer, the right name beats another, and of `gates (9)` and
    `gates (10)` the second is later.

    Parameters
    ----------
    files : mapping of str to bytes
        What `lstm_grade.run.folder.read_folder` returned.
    name : str
        Of the notebook in the assignment, without suffix.
    assignment : Assignment
    """
    original, filename = assignment.notebooks[name], f"{name}.ipynb"
    # Notebooks under the name of another notebook of the assignment are that one.
    taken = {f"{other}.ipynb" for other in assignment.notebooks if other != name}
    tried = [
        (path, *_read(files[path], original, assignment))
        for path in files
        if path not in taken and (path == filename or _may_be_notebook(path, files[path]))
    ]
    known = [each for each in tried if each[1] and (each[1].answered or _known(each[1]))]
    if not known:
        return _none(files, filename, tried, assignment)
    if len(assignment.notebooks) > 1 and (alone := [each for each in known if each[0] == filename]):
        known = alone  # cells of several notebooks may have the same names
    known.sort(key=lambda each: _rank(*each[:2], filename))
    path, found, odd = known[-1]
    damaged = any("damaged" in remark or "no cell" in remark for remark in odd)
    odd = [f"{filename} {remark}" for remark in odd] + found.odd
    if path != filename:
        odd.insert(0, f"{filename} was called {shown(path)}")
    if len(known) > 1:
        others = ", ".join(shown(each[0]) for each in reversed(known[:-1][-3:]))
        odd.insert(0, f"several notebooks: graded is {shown(path)}, not {others}")
    return Chosen(found, odd, damaged, path=path)


def _read(content, original, assignment):
    notebook, odd = read_notebook(content)
    return notebook and recognise(notebook, original, assignment), odd


def _may_be_notebook(path, content):
    if "ipynb" in path.lower() or content is None:
        return True
    return any(sign in content[:_HEAD] for sign in _SIGNS)


def _known(found):
    return any(grade_id(cell) for cell in found.notebook["cells"])


def _rank(path, found, filename):
    return (
        bool(found.answered),
        CHECKPOINTS not in path,
        len(found.answered),
        path == filename,
        path.endswith(".ipynb"),
        natural(path),
    )


def _none(files, filename, tried, assignment):
    """Return why no notebook was found: nothing was handed in, or nothing that a test can read."""
    name = filename.removesuffix(".ipynb")
    others = [(path, found) for path, found, _ in tried if found and found.other]
    if others:
        path, found = others[-1]
        said = f"{shown(path)} is the notebook of {found.other}, not of {name}"
        return Chosen(None, [said], waits=said, seen=found.notebook)
    # Of several that cannot be read the one with the right name tells most.
    tried = [each for each in tried if each[0] == filename] or tried
    seen = tried[-1][1].notebook if tried and tried[-1][1] else None
    if seen:
        said = f"{shown(tried[-1][0])} has no cell of {name}"
    elif tried:
        said = f"{shown(tried[-1][0])} {tried[-1][2][-1]}"
    else:
        there = ", ".join(map(shown, [path for path in files if path != "timestamp.txt"][:5]))
        said = f"{filename} is missing" + (f"; there is: {there}" if there else "")
    given = {
        *assignment.files,
        "timestamp.txt",
        *(f"{each}.ipynb" for each in assignment.notebooks),
    }
    written = [
        path
        for path, content in files.items()
        if (path == filename or path not in given)
        and (content is None or content.strip(b"\0 \t\r\n"))
    ]
    if seen and len(written) == 1 and not any(normal(cell["source"]) for cell in seen["cells"]):
        # Whoever has written more than could be read has not handed in nothing.
        written = [path for path in written if len(files[path] or b"") > _BLANK]
    return Chosen(None, [said], waits=said if written else "", seen=seen)
