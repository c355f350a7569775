"""Command line: ``python -m lstm_grade autograde ASSIGNMENT``, from the course's root."""

import argparse
import sys

from lstm_grade.autograde import CannotGradeError, autograde


def main():
    """Run the command; return its exit status, 0 only if everyone was graded."""
    parser = argparse.ArgumentParser(prog="python -m lstm_grade", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("autograde", help="grade what is in submitted/")
    command.add_argument("assignment", metavar="ASSIGNMENT", help="a folder of solutions/")
    command.add_argument("--force", action="store_true", help="grade again what is graded")
    arguments = parser.parse_args()
    try:
        return 0 if autograde(arguments.assignment, arguments.force) else 1
    except CannotGradeError as error:
        return f"Nothing was graded: {error}"


if __name__ == "__main__":
    sys.exit(main())
