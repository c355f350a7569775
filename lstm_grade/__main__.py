"""Command line: ``python -m lstm_grade COMMAND``, from the course's root."""

import argparse
import gc
import sys

# jsonschema, which nbformat imports, makes a parser of URLs out of it: 1.3 s that nothing
# here needs. It does without where it is not installed.
sys.modules.setdefault("rfc3987_syntax", None)


def main():
    """Run the command; return its exit status, 0 only if everyone was graded."""
    parser = argparse.ArgumentParser(prog="python -m lstm_grade", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    grade = commands.add_parser("autograde", help="grade what is in submitted/")
    grade.add_argument("assignment", metavar="ASSIGNMENT", help="a folder of solutions/")
    grade.add_argument("--force", action="store_true", help="grade again what is graded")
    grade.add_argument(
        "--student", action="append", default=[], dest="students", help="only this one; repeatable"
    )
    grade.add_argument(
        "--scheduler", metavar="ADDRESS", help="let a Dask cluster do it, such as tcp://host:8786"
    )
    grade.add_argument(
        "--db", metavar="URL", dest="db_url", help="the gradebook, such as postgresql://host/name"
    )
    grade.add_argument(
        "--unsafe", action="store_true", help="no sandbox: students' code runs with your rights"
    )
    one = commands.add_parser("one", help="grade one file, without a gradebook")
    one.add_argument("file", metavar="FILE", help="a notebook, or a folder with one")
    one.add_argument("--assignment", metavar="NAME", help="a folder of solutions/; else found out")
    one.add_argument("--student", metavar="NAME", help="whose it is: tests draw other numbers")
    one.add_argument("--json", action="store_true", dest="as_json", help="as one.schema.json says")
    one.add_argument(
        "--unsafe", action="store_true", help="no sandbox: students' code runs with your rights"
    )
    collect = commands.add_parser("collect", help="put what a class handed in into submitted/")
    collect.add_argument("assignment", metavar="ASSIGNMENT", help="a folder of solutions/")
    collect.add_argument(
        "archives",
        metavar="ARCHIVE",
        nargs="+",
        help="of Moodle, Canvas, Gradescope or Blackboard, or a folder",
    )
    collect.add_argument("--worksheet", metavar="CSV", help="Moodle's grading worksheet")
    collect.add_argument("--zone", help="of times that come without one, such as Europe/Berlin")
    collect.add_argument("--db", metavar="URL", dest="db_url", help="the gradebook")
    collect.add_argument("--dry-run", action="store_true", help="only say what would be done")
    roster = commands.add_parser(
        "import-roster", help="put the students of a file in the gradebook"
    )
    roster.add_argument("file", metavar="FILE", help="a CSV of Canvas, Moodle or a spreadsheet")
    roster.add_argument(
        "--column",
        action="append",
        default=[],
        dest="columns",
        metavar="FIELD=COLUMN",
        help="what is to be taken otherwise than guessed, such as id=Matrikelnummer; repeatable",
    )
    roster.add_argument("--db", metavar="URL", dest="db_url", help="the gradebook")
    roster.add_argument("--dry-run", action="store_true", help="only show what was understood")
    due = commands.add_parser("due", help="say when an assignment is due")
    due.add_argument("assignment", metavar="ASSIGNMENT", help="a folder of solutions/")
    due.add_argument("time", metavar="TIME", help="such as '2026-11-20 18:00 Europe/Berlin'")
    due.add_argument("--db", metavar="URL", dest="db_url", help="the gradebook")
    extend = commands.add_parser("extend", help="give a student more time")
    extend.add_argument("assignment", metavar="ASSIGNMENT", help="a folder of solutions/")
    extend.add_argument("student", metavar="STUDENT")
    extend.add_argument("until", metavar="TIME", help="such as '2026-11-27 18:00 Europe/Berlin'")
    extend.add_argument("--reason", default="", help="kept in extensions.csv")
    extend.add_argument("--db", metavar="URL", dest="db_url", help="the gradebook")
    regrade = commands.add_parser("regrade", help="one test of one student, after an appeal")
    regrade.add_argument("assignment", metavar="ASSIGNMENT", help="one that is graded")
    regrade.add_argument("--student", required=True)
    regrade.add_argument("--test", required=True, help="the cell's grade_id")
    regrade.add_argument("--reason", required=True, help="kept, and shown in the feedback")
    regrade.add_argument("--points", type=float, help="what it is worth; else it is tested again")
    regrade.add_argument("--db", metavar="URL", dest="db_url", help="the gradebook")
    regrade.add_argument("--unsafe", action="store_true", help="no sandbox")
    forget = commands.add_parser("forget", help="remove a student, and say what cannot be reached")
    forget.add_argument("student", metavar="STUDENT", help="as the folder in submitted/ is called")
    forget.add_argument("--db", metavar="URL", dest="db_url", help="the gradebook")
    forget.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    report = commands.add_parser("report", help="write what the class got wrong into reports/")
    report.add_argument(
        "assignment", metavar="ASSIGNMENT", nargs="?", help="one that is graded; else the term"
    )
    report.add_argument("--anonymous", action="store_true", help="leave out who it was")
    report.add_argument("--db", metavar="URL", dest="db_url", help="the gradebook")
    commands.add_parser("doctor", help="try what this machine can do to keep student code in")
    arguments = vars(parser.parse_args())
    command = arguments.pop("command")
    return _COMMANDS[command](**arguments)


def _autograde(**arguments):
    gc.disable()  # importing makes many objects and leaves none
    from lstm_grade.run.classrun import autograde
    from lstm_grade.run.errors import CannotGradeError

    gc.freeze()
    gc.enable()
    try:
        return 0 if autograde(**arguments) else 1
    except CannotGradeError as error:
        return f"Nothing was graded: {error}"
    except KeyboardInterrupt:
        return "Stopped. The same command goes on from here."


def _one(**arguments):
    from lstm_grade.run.one import one

    return 0 if one(**arguments) else 1


def _collect(**arguments):
    from lstm_grade.run.collect.command import collect
    from lstm_grade.run.errors import CannotGradeError

    try:
        return 0 if collect(**arguments) else 1
    except CannotGradeError as error:
        return f"Nothing was collected: {error}"


def _roster(**arguments):
    from lstm_grade.run.roster import import_roster

    return _said("Nothing was imported", lambda: import_roster(**arguments))


def _due(**arguments):
    from lstm_grade.run.term import due

    return _said("Nothing was changed", lambda: print(due(**arguments)))


def _extend(**arguments):
    from lstm_grade.run.term import extend

    return _said("Nothing was changed", lambda: print(extend(**arguments)))


def _regrade(**arguments):
    from lstm_grade.run.term import regrade

    return _said("Nothing was changed", lambda: print(regrade(**arguments)))


def _forget(**arguments):
    from lstm_grade.run.forget import forget

    return _said("Nothing was removed", lambda: print("\n".join(forget(**arguments))))


def _said(nothing, run):
    """Run a command; return 0, or the sentence that says why it did nothing."""
    from lstm_grade.box.sandbox import SandboxError
    from lstm_grade.run.errors import CannotGradeError, of_system

    try:
        run()
        return 0
    except (CannotGradeError, SandboxError) as error:
        return f"{nothing}: {error}"
    except OSError as error:
        return f"{nothing}: {of_system(error)}"


def _report(assignment, **arguments):
    from lstm_grade.run.errors import CannotGradeError
    from lstm_grade.tell.report import CannotReportError, report
    from lstm_grade.tell.term_report import term_report

    try:
        print(report(assignment, **arguments) if assignment else term_report(**arguments))
        return 0
    except (CannotGradeError, CannotReportError) as error:
        return f"No report: {error}"


def _doctor():
    from lstm_grade.box.doctor import doctor

    return 0 if doctor() else 1


_COMMANDS = {
    **{"autograde": _autograde, "one": _one, "collect": _collect, "import-roster": _roster},
    **{"due": _due, "extend": _extend, "regrade": _regrade, "forget": _forget},
    **{"report": _report, "doctor": _doctor},
}


if __name__ == "__main__":
    sys.exit(main())
