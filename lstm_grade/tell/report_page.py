"""The report on a class as a page, with its figures as PNG and its numbers as CSV."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lstm_grade.run.folder import shown
from lstm_grade.run.tables import write_table
from lstm_grade.tell import report_summary
from lstm_grade.tell.links import sections, submissions
from lstm_grade.tell.template import render

# So many rows a figure shows; the tables have all.
MOST_BARS = 15


def write_page(folder, found, anonymous):
    """Write index.html, points.png, questions.png, mistakes.png and the tables; return the page.

    Parameters
    ----------
    folder : Path
    found : lstm_grade.tell.report.GradedClass
    anonymous : bool
    """
    of_points = report_summary.points(found)
    questions = report_summary.questions(found)
    mistakes = report_summary.mistakes(found, anonymous)
    _figure(folder / "points.png", of_points["ranges"], "students", "points")
    _figure(
        folder / "questions.png",
        [(row["name"], row["solved"]) for row in questions],
        f"students of {len(found.works)} with all points",
    )
    _figure(
        folder / "mistakes.png",
        [(row["name"], row["students"]) for row in mistakes[:MOST_BARS]],
        "students who made it",
    )
    _tables(folder, found, questions, mistakes, anonymous)
    page = folder / "index.html"
    text = render(
        "report.html",
        assignment=shown(found.assignment),
        students=len(found.works),
        points=of_points,
        questions=questions,
        mistakes=mistakes,
        sections=report_summary.sections(found),
        remarks=report_summary.remarks(found, anonymous),
        look=report_summary.look(found, anonymous),
        why=report_summary.why(found, anonymous),
        shared=report_summary.shared_remarks(found),
        links=sections(Path("_build/html"), folder),
        works={} if anonymous else submissions(found, folder),
        when=report_summary.when(found),
        bounds=sorted({work.bounds for work in found.works.values()} - {""}),
        slowest=report_summary.slowest(found, anonymous),
        anonymous=anonymous,
        files=sorted(path.name for path in folder.iterdir() if path.suffix in (".csv", ".png")),
    )
    page.write_text(text, "utf-8")
    return page


def _figure(path, rows, label, side=""):
    """Draw bars, the first row on top."""
    names = [name if len(name) <= 40 else f"{name[:39]}…" for name, _ in rows]
    counts = [count for _, count in rows]
    figure = Figure(figsize=(7, 1 + 0.32 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    bars = axes.barh(range(len(rows)), counts, color="#2a6f97")
    axes.bar_label(bars, padding=3)
    # A dollar in a name is no formula.
    axes.set_yticks(range(len(rows)), names, parse_math=False)
    axes.invert_yaxis()
    axes.set(xlabel=label, ylabel=side, xlim=(0, 1.1 * max([1, *counts])))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def _tables(folder, found, questions, mistakes, anonymous):
    keys = ("name", "most", "mean", "solved", "nothing", "graded", "waiting")
    write_table(
        folder / "questions.csv",
        [
            ["question", "points", *keys[2:]],
            *([row[key] for key in keys] for row in questions),
        ],
    )
    columns = ("students", "section", "sentence")
    write_table(
        folder / "mistakes.csv",
        [
            ["mistake", "students", "function", "in this function", *columns[1:]],
            *(
                [row["name"], row["students"], *(of[key] for key in ("name", *columns))]
                for row in mistakes
                for of in row["functions"]
            ),
        ],
    )
    students = folder / "students.csv"
    if anonymous:
        students.unlink(missing_ok=True)  # of an earlier report
        return
    write_table(
        students,
        [
            ["student", "points", "waiting", *found.questions, "mistakes", "odd", "seconds"],
            *(
                [
                    student,
                    work.total,
                    "; ".join(sorted(work.waiting)),
                    *(work.points.get(question) for question in found.questions),
                    "; ".join(f"{each['function']}: {each['mistake']}" for each in work.mistakes),
                    "; ".join(work.odd),
                    work.seconds,
                ]
                for student, work in found.works.items()
            ),
        ],
    )
