"""An assignment as grading needs it: read from solutions/, without a gradebook."""

import copy
import hashlib
import json
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbformat import reads
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearHiddenTests, SaveCells
from nbgrader.utils import find_all_files, is_grade, is_locked, is_solution, is_task, temp_attrs

from lstm_grade.box.rules import Rules
from lstm_grade.run.course import KeptErrors
from lstm_grade.run.errors import CannotGradeError, behind, of_system, stops_all


@dataclass(frozen=True)
class Cell:
    """A cell that nbgrader knows.

    Attributes
    ----------
    cell_type, source : str
        The source with hidden tests and without solutions, as the gradebook has it.
    released : str
        The source that students got: without hidden tests.
    metadata : dict
        nbgrader's.
    grade, solution, locked, task : bool
    """

    cell_type: str
    source: str
    released: str
    metadata: dict
    grade: bool
    solution: bool
    locked: bool
    task: bool

    @property
    def points(self) -> float | None:
        """The most points, None if it gives none."""
        return float(self.metadata["points"]) if self.grade or self.task else None

    @property
    def by_hand(self) -> bool:
        """Whether a person gives the points."""
        return self.grade and (self.solution or self.cell_type != "code")

    @property
    def test(self) -> bool:
        """Whether it is run, and its outcome gives the points."""
        return self.grade and not self.by_hand


@dataclass(frozen=True)
class Given:
    """A cell as students got it: its id, type and text, and nbgrader's name of it, or None."""

    id: str
    cell_type: str
    text: str
    name: str | None


@dataclass(frozen=True)
class Notebook:
    """A notebook of an assignment.

    Attributes
    ----------
    source : bytes
        The instructor's notebook, of solutions/.
    kernelspec : dict
    cells : dict of str to Cell
        Those that nbgrader knows, by grade_id, in their order.
    given : tuple of Given
        All cells as students got them.
    exports : tuple of str
        The names that its tests use.
    """

    source: bytes
    kernelspec: dict
    cells: dict[str, Cell]
    given: tuple[Given, ...] = ()
    exports: tuple[str, ...] = ()

    @property
    def graded(self) -> list[str]:
        """The cells that give points."""
        return [name for name, cell in self.cells.items() if cell.grade or cell.task]


@dataclass(frozen=True)
class Assignment:
    """What a worker needs to know to grade a submission.

    Attributes
    ----------
    name : str
    notebooks : dict of str to Notebook
        By name, without suffix.
    files : dict of str to bytes
        What lies beside the notebooks in solutions/ and goes to students; it
        replaces what they handed in under these names.
    seconds, wall : float
        How long a submission may take, of its own time and on the wall.
    ignore : tuple of str
        Patterns of names that nbgrader does not copy.
    secret : bytes or None
        Seeds the tests, for each student differently.
    others : dict of str to frozenset of str
        Of each other assignment what tells its notebooks: to say which one was handed in.
    known : frozenset of str
        Texts that locked cells had in earlier releases.
    user : bool
        Whether a user of its own will do for a submission where namespaces are refused.
    """

    name: str
    notebooks: dict[str, Notebook]
    files: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 120
    wall: float = 720
    ignore: tuple[str, ...] = ()
    secret: bytes | None = None
    others: dict[str, frozenset[str]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    user: bool = False

    def digest(self) -> bytes:
        """Return a number that changes with whatever can change a mark."""
        parts = (self.name, self.notebooks, self.files, self.ignore, self.secret)
        return hashlib.sha256(repr(parts).encode()).digest()

    def knowing(self, known: frozenset[str]) -> "Assignment":
        """Return the assignment with the texts of earlier releases."""
        return replace(self, known=known)


def normal(text: str) -> str:
    """Return a text without what editors change by themselves: ends of lines, empty last lines."""
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def signs(cells) -> frozenset[str]:
    """Return what tells a notebook: the ids, names and texts of its cells.

    Parameters
    ----------
    cells : iterable of (str, str or None, str)
        Id, grade_id and source.
    """
    found = set()
    for key, name, source in cells:
        found |= {f"name {each}" for each in (key, name) if each}
        if len(text := normal(source)) > 40:
            found.add("text " + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest())
    return frozenset(found)


def read_assignment(app, name: str, secret: bytes | None, save=None) -> Assignment:
    """Read an assignment of solutions/ as nbgrader does; leave exercises/ alone.

    Parameters
    ----------
    app : NbGrader
        As `lstm_grade.run.course.open_course` returns it.
    name : str
        A folder in solutions/.
    secret : bytes or None
        The instructor's.
    save : callable, optional
        nbgrader's preprocessor that puts the cells into a gradebook; none is used unless given.

    Raises
    ------
    CannotGradeError
        If there is no such assignment, or nbgrader does not take it.
    """
    coursedir = app.coursedir
    source = find_source(coursedir, name)
    paths = sorted(source.glob("*.ipynb"))
    try:
        contents = {path.stem: path.read_bytes() for path in paths}
        files = {
            str(Path(path).relative_to(source)): Path(path).read_bytes()
            for path in find_all_files(str(source), [*coursedir.ignore, "*.ipynb"])
        }
    except OSError as error:
        raise CannotGradeError(f"solutions/{name} cannot be read: {of_system(error)}") from error
    whole, released = _generate(app, name, save)
    try:
        rules = {stem: Rules.of(reads(contents[stem].decode(), 4)) for stem in contents}
    except ValueError as error:
        raise CannotGradeError(
            f"solutions/{name} says how to grade it, wrongly: {error}"
        ) from error
    notebooks = {
        stem: Notebook(
            source=contents[stem],
            kernelspec=dict(whole[stem].metadata.get("kernelspec", {})),
            cells=_cells(whole[stem], released[stem]),
            given=tuple(_given(cell) for cell in released[stem].cells),
            exports=rules[stem].exports,
        )
        for stem in contents
    }
    return Assignment(
        name,
        notebooks,
        files,
        seconds=sum(each.limits.notebook for each in rules.values()),
        wall=sum(each.limits.notebook * each.limits.patience for each in rules.values()),
        ignore=tuple(coursedir.ignore),
        secret=secret,
        others=_others(name, sorted(source.parent.glob("*/*.ipynb"))),
    )


def find_source(coursedir, name: str) -> Path:
    """Return the folder of an assignment in solutions/.

    Raises
    ------
    CannotGradeError
        If there is none; it says what there is.
    """
    source = Path(coursedir.format_path(coursedir.source_directory, ".", name))
    if Path(name).name != name or not list(source.glob("*.ipynb")):
        folder = Path(coursedir.format_path(coursedir.source_directory, ".", "x")).parent
        names = sorted({path.parent.name for path in folder.glob("*/*.ipynb")})
        raise CannotGradeError(
            f"there is no assignment {name!r} in {coursedir.source_directory}/. "
            f"There is: {', '.join(names) or 'none'}."
        )
    return source


def _generate(app, name, save):
    """Return the notebooks as the gradebook knows them, and as students get them."""
    whole, released = {}, {}

    def keep(notebook, resources):
        whole[resources["nbgrader"]["notebook"]] = copy.deepcopy(notebook)
        return notebook, resources

    with (
        tempfile.TemporaryDirectory() as folder,
        temp_attrs(app.coursedir, assignment_id=name, release_directory=folder),
        KeptErrors(app.log) as errors,
    ):
        make = GenerateAssignment(
            coursedir=app.coursedir, parent=app, force=True, no_database=save is None
        )
        make.preprocessors = _with(make.preprocessors, [keep, save] if save else [keep])
        try:
            make.start()
        except Exception as error:  # SystemExit is none of them
            if (cause := behind(error, OSError)) and stops_all(cause):
                raise CannotGradeError(of_system(cause)) from error
            reason = errors.reason(error)
            raise CannotGradeError(f"nbgrader does not take the assignment ({reason}).") from error
        for path in Path(app.coursedir.format_path(folder, ".", name)).glob("*.ipynb"):
            released[path.stem] = reads(path.read_text("utf-8"), 4)
    return whole, released


def _with(preprocessors, own):
    """Return nbgrader's steps with ours where it saves the cells, before it hides tests."""
    names = [str(getattr(each, "__name__", each)).rpartition(".")[2] for each in preprocessors]
    for name in (SaveCells.__name__, ClearHiddenTests.__name__):
        if name in names:
            at = names.index(name)
            saved = name == SaveCells.__name__
            return [*preprocessors[:at], *own, *preprocessors[at + saved :]]
    return [*preprocessors, *own]


def _cells(whole, released):
    sources = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in released.cells
        if "nbgrader" in cell.metadata
    }
    return {
        cell.metadata.nbgrader.grade_id: Cell(
            cell_type=cell.cell_type,
            source=cell.source,
            released=sources[cell.metadata.nbgrader.grade_id],
            metadata=dict(cell.metadata.nbgrader),
            grade=bool(is_grade(cell)),
            solution=bool(is_solution(cell)),
            locked=bool(is_locked(cell)),
            task=bool(is_task(cell)),
        )
        for cell in whole.cells
        if any(of(cell) for of in (is_grade, is_solution, is_locked, is_task))
    }


def _given(cell):
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return Given(cell.get("id", ""), cell.cell_type, normal(cell.source), name)


def _others(name, paths):
    """Return what tells the notebooks of the other assignments; one that is damaged tells none."""
    found: dict[str, frozenset[str]] = {}
    for path in paths:
        if path.parent.name == name:
            continue
        try:
            cells = json.loads(path.read_bytes())["cells"]
            told = signs(
                (
                    cell.get("id", ""),
                    cell["metadata"].get("nbgrader", {}).get("grade_id"),
                    "".join(cell["source"]),
                )
                for cell in cells
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        found[path.parent.name] = found.get(path.parent.name, frozenset()) | told
    return found
