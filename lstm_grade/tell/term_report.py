"""The term so far: who falls behind, and which mistakes stay, over all graded assignments."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.api import SubmittedAssignment as SubmittedRow

from lstm_grade.run.course import open_course
from lstm_grade.run.folder import shown
from lstm_grade.run.tables import write_table
from lstm_grade.tell.links import sections
from lstm_grade.tell.report import CannotReportError, GradedClass, gradebook_of, read_class
from lstm_grade.tell.template import render

# A share of the points below which somebody has a hard time, and a fall that is one.
LOW = 0.5
FALL = 0.25


@dataclass
class Term:
    """What is known of a class over several assignments.

    Attributes
    ----------
    classes : list of GradedClass
        In the order in which they were due, or else handed in.
    shares : dict of str to dict of str to float or None
        By student and assignment the share of the points; None if nothing was handed in.
    mistakes : dict of str to dict of str to set of str
        By mistake and assignment, who made it.
    """

    classes: list[GradedClass]
    shares: dict[str, dict[str, float | None]] = field(default_factory=dict)
    mistakes: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The assignments."""
        return [each.assignment for each in self.classes]


def term_report(*, anonymous: bool = False, db_url: str | None = None) -> Path:
    """Write ``reports/index.html`` and ``reports/term.csv``; return the page.

    Raises
    ------
    CannotReportError
        If nothing is graded.
    """
    coursedir = open_course(db_url).coursedir
    term = read_term(coursedir)
    folder = Path("reports")
    folder.mkdir(exist_ok=True)
    table = folder / "term.csv"
    if anonymous:
        table.unlink(missing_ok=True)  # of an earlier report
    else:
        rows = [
            [student, *(shares.get(name) for name in term.names)]
            for student, shares in term.shares.items()
        ]
        write_table(table, [["student", *term.names], *rows])
    text = render(
        "term.html",
        assignments=[(each.assignment, *_middle(term, each)) for each in term.classes],
        behind=behind(term),
        stay=staying(term),
        anonymous=anonymous,
        students=len(term.shares),
        links=sections(Path("_build/html"), folder),
        pages={name for name in term.names if (folder / name / "index.html").exists()},
        csv=not anonymous,
    )
    page = folder / "index.html"
    page.write_text(text, "utf-8")
    return page


def read_term(coursedir) -> Term:
    """Return what the gradebook and autograded/ hold of all assignments."""
    with gradebook_of(coursedir) as gradebook:
        order = _order(gradebook)
    if not order:
        raise CannotReportError(
            "nothing is graded yet. Grade first: python -m lstm_grade autograde ASSIGNMENT"
        )
    term = Term([read_class(coursedir, name) for name in order])
    everyone = sorted({s for each in term.classes for s in (*each.works, *each.absent)})
    made: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for student in everyone:
        term.shares[student] = {}
        for each in term.classes:
            work = each.works.get(student)
            most = sum(p for q, p in each.questions.items() if not work or q not in work.waiting)
            share = None if work is None else work.total / most if most else None
            term.shares[student][each.assignment] = share
            for mistake in work.mistakes if work else ():
                made[mistake["mistake"]][each.assignment].add(student)
    term.mistakes = {name: dict(of) for name, of in made.items()}
    return term


def _order(gradebook: Gradebook) -> list[str]:
    """Return the graded assignments, the earliest first."""
    graded = {row.assignment.name for row in gradebook.db.query(SubmittedRow)}
    rows = [each for each in gradebook.assignments if each.name in graded]
    return [
        each.name
        for each in sorted(rows, key=lambda a: (a.duedate is None, a.duedate or 0, a.name))
    ]


def _middle(term: Term, of: GradedClass):
    shares = sorted(s[of.assignment] for s in term.shares.values() if s[of.assignment] is not None)
    middle = shares[len(shares) // 2] if shares else None
    return len(shares), middle, len(term.shares) - len(shares)


def behind(term: Term) -> list[tuple[str, list[float | None], str]]:
    """Return who needs a word: the shares of each, and why; those in most need first."""
    rows = []
    for student, shares in term.shares.items():
        values = [shares[name] for name in term.names]
        why, last = [], values[-2:]
        missing = [name for name in term.names if shares[name] is None]
        known = [value for value in values if value is not None]
        if missing:
            why.append(f"handed in nothing: {', '.join(missing)}")
        if len(last) == 2 and all(value is not None and value < LOW for value in last):
            why.append(f"less than {LOW:.0%} twice in a row")
        if len(known) > 1 and known[-1] < sum(known[:-1]) / len(known[:-1]) - FALL:
            why.append(f"{known[-1]:.0%} after {sum(known[:-1]) / len(known[:-1]):.0%} before")
        if why:
            rows.append((len(missing), sum(known), shown(student), values, "; ".join(why)))
    rows.sort(key=lambda row: (-row[0], row[1], row[2]))
    return [(student, values, why) for _, _, student, values, why in rows]


def staying(term: Term) -> list[dict]:
    """Return the mistakes of more than one assignment, those that stay with most people first."""
    section = {
        each["mistake"]: each["section"]
        for of in term.classes
        for work in of.works.values()
        for each in work.mistakes
    }
    rows = []
    for name, made in term.mistakes.items():
        again = defaultdict(int)
        for students in made.values():
            for student in students:
                again[student] += 1
        same = sorted(student for student, count in again.items() if count > 1)
        if len(made) > 1:
            rows.append(
                {
                    "name": name,
                    "section": section.get(name, ""),
                    "counts": [len(made.get(each, ())) for each in term.names],
                    "same": [shown(student) for student in same],
                }
            )
    return sorted(rows, key=lambda row: (-len(row["same"]), -sum(row["counts"]), row["name"]))
