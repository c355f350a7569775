"""Collect what a class handed in, from archives into submitted/."""

import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import MissingEntry
from tqdm import tqdm

from lstm_grade.run.assignment import Assignment, read_assignment
from lstm_grade.run.choose import find_notebook
from lstm_grade.run.collect import names
from lstm_grade.run.collect.names import Found, folded
from lstm_grade.run.collect.people import People, Person, is_worksheet
from lstm_grade.run.collect.place import Placed, bad_folder, place
from lstm_grade.run.collect.unpack import Entry, Refused, RefusedError, entries, inner
from lstm_grade.run.course import open_course
from lstm_grade.run.errors import CannotGradeError, of_system
from lstm_grade.run.folder import LARGEST_FILE, natural, shown, without_outputs
from lstm_grade.run.registered import opened
from lstm_grade.run.times import TimeError, in_zone

# Where the file of an earlier attempt is kept while one is chosen.
_EARLIER = "earlier attempt"
# Of one student, unpacked.
_MOST_BYTES = 2 * LARGEST_FILE
_MOST_FILES = 2000
RULE = (
    "Of several notebooks the one is taken in which something was written, and of these "
    "the one handed in last; then the one with more answers, then the one with the right name."
)


@dataclass
class Handed:
    """What one student handed in, over all archives."""

    found: Found
    files: list[tuple[Found, Entry]] = field(default_factory=list)


def collect(
    assignment: str,
    archives: Iterable[str],
    *,
    worksheet: str | None = None,
    zone: str | None = None,
    db_url: str | None = None,
    dry_run: bool = False,
) -> bool:
    """Collect archives of Moodle, Canvas, Gradescope, Blackboard, or folders, into submitted/.

    Parameters
    ----------
    assignment : str
        A folder in solutions/.
    archives : iterable of str
        Zips, tars or folders; a CSV among them is Moodle's grading worksheet.
    worksheet : str, optional
        Moodle's grading worksheet: it says who its numbers are.
    zone : str, optional
        Time zone of times that come without one.
    db_url : str, optional
        The gradebook, for its roster and due date.
    dry_run : bool
        Only say what would be done.

    Returns
    -------
    bool
        Whether everything was collected, and nothing refused.

    Raises
    ------
    CannotGradeError
        If nothing can be collected.
    """
    app = open_course(db_url)
    told = read_assignment(app, assignment, None)
    paths = [Path(path) for path in archives]
    tables = [path for path in paths if is_worksheet(path)]
    if worksheet:
        tables.append(Path(worksheet))
    if len(tables) > 1:
        raise CannotGradeError(f"give one worksheet, not {', '.join(map(str, tables))}.")
    if zone:
        _check_zone(zone)
    roster, due = _gradebook(app, assignment)
    people = People(roster, tables[0] if tables else None)
    with ExitStack() as archives_open:
        return _collect(app, told, paths, tables, people, due, zone, dry_run, archives_open)


def _collect(app, told, paths, tables, people, due, zone, dry_run, archives_open):
    assignment = told.name
    refused = Refused()
    students: dict[str, Handed] = {}
    wary: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        if path not in tables:
            whole = list(entries(path, refused, archives_open))
            _sort(whole, told, people, students, refused, wary)
    if not students:
        reasons = "; ".join(f"{path} {why}" for path, why in refused.found[:5])
        raise CannotGradeError(
            f"no submission found in {', '.join(map(str, paths))}. Expected are the archives of "
            "Moodle, Canvas, Gradescope or Blackboard, or a folder with a folder for each student."
            + (f" Refused: {reasons}." if reasons else "")
        )
    _refuse_collisions(students, refused)
    base = Path(app.coursedir.root, app.coursedir.submitted_directory)
    done: dict[str, tuple[Placed, list[str]]] = {}
    scratch = base / ".collecting"
    try:
        for student in tqdm(sorted(students, key=natural), desc=assignment, unit="", disable=None):
            handed = students[student]
            folder = Path(
                app.coursedir.root,
                app.coursedir.format_path(app.coursedir.submitted_directory, student, assignment),
            )
            try:
                files, remarks, found = _files(handed, told, refused)
                when, late = people.when(found, due, zone)
                placed = place(folder, files, when, scratch, dry_run)
            except (RefusedError, TimeError) as error:
                refused.add(student, error)
                continue
            done[student] = placed, [*remarks, *placed.remarks, *filter(None, [late])]
    except OSError as error:
        raise CannotGradeError(of_system(error)) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print("\n".join(_said(assignment, done, refused, wary, people, dry_run)), flush=True)
    return not refused.found


def _check_zone(zone):
    try:
        in_zone(datetime(2026, 1, 15, 12), zone)
    except TimeError as error:
        raise CannotGradeError(f"--zone: {error}.") from error


def _gradebook(app, assignment):
    """Return the roster and when the assignment is due; nothing without a gradebook."""
    url = app.coursedir.db_url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return [], None
    with opened(app.coursedir) as gradebook:
        roster = [
            Person(s.id, s.first_name or "", s.last_name or "", s.email or "", s.lms_user_id or "")
            for s in gradebook.students
        ]
        try:
            due = gradebook.find_assignment(assignment).duedate
        except MissingEntry:
            due = None
    return roster, due and due.replace(tzinfo=UTC)


def _sort(whole, told, people, students, refused, wary):
    """Find out of each file in an archive whose it is."""
    export = next((each for each in whole if each.name == names.METADATA), None)
    if export:
        found = list(_of_gradescope(export, whole, refused))
    else:
        found = list(_of_systems(whole, refused, 1))
        # One student's file that happens to be called as Canvas does says nothing of the others.
        if not any(each.system == "Moodle" for each, _ in found) and 2 * len(found) < len(whole):
            whole = _below(whole)
            plain = [(names.plain(e.path, told.name, told.notebooks), e) for e in whole]
            found = [(each, entry) for each, entry in plain if each]
        known = {entry.path for _, entry in found}
        for entry in whole:
            inside = any(path.startswith(f"{entry.path}/") for path in known)
            if entry.path not in known and not inside:
                refused.add(entry.path, "belongs to nobody: its name says no student")
    for each, entry in [(each, entry) for group, entry in found for each in people.each(group)]:
        student, remark = people.who(each)
        if why := bad_folder(student):
            refused.add(entry.path, why)
            continue
        if remark and student not in wary[remark]:
            wary[remark].append(student)
        students.setdefault(student, Handed(each)).files.append((each, entry))


def _of_systems(whole, refused, depth) -> Iterator[tuple[Found, Entry]]:
    for entry in whole:
        if found := names.identify(entry.path):
            yield found, entry
        elif entry.is_archive:
            try:
                yield from _of_systems(list(inner(entry, refused, depth)), refused, depth + 1)
            except RefusedError as error:
                refused.add(entry.path, error)


def _below(whole):
    """Return the entries without the one folder that all of them are in."""
    tops = {entry.path.partition("/")[0] for entry in whole}
    deep = all(entry.path.count("/") > 1 for entry in whole)
    if len(tops) == 1 and deep:
        cut = len(tops.pop()) + 1
        return _below([Entry(entry.path[cut:], entry.size, entry.read) for entry in whole])
    return whole


def _of_gradescope(export, whole, refused):
    root = export.path.removesuffix(names.METADATA)
    try:
        folders = names.gradescope(export.read())
    except RefusedError as error:
        raise CannotGradeError(f"{export.path} {error}.") from error
    for entry in whole:
        if entry is export:
            continue
        folder, _, inside = entry.path.removeprefix(root).partition("/")
        if not inside or not folders.get(folder):
            refused.add(entry.path, f"belongs to nobody: {names.METADATA} does not name it")
            continue
        for each in folders[folder]:
            yield Found(**{**vars(each), "path": inside}), entry


def _refuse_collisions(students, refused):
    """Refuse students whose folders some disk takes for the same."""
    same = defaultdict(list)
    for student in students:
        same[folded(student)].append(student)
    for several in same.values():
        if len(several) > 1:
            for student in several:
                others = ", ".join(shown(each) for each in several if each != student)
                refused.add(student, f"cannot be told from {others!r} on every disk: rename one")
                del students[student]


def _files(handed: Handed, told: Assignment, refused):
    """Return the files of a student's folder, remarks on what was not taken, and which attempt."""
    files: dict[str, bytes] = {}
    of: dict[str, Found] = {}
    folds: dict[str, str] = {}
    remarks: list[str] = []
    room = _MOST_BYTES
    for found, entry in handed.files:
        for path, each in _expanded(found.path, entry, refused, 1):
            room -= each.size
            if room < 0 or len(files) >= _MOST_FILES:
                raise RefusedError(f"handed in more than {_MOST_BYTES >> 20} MB, or too many files")
            if each.is_other_archive:
                remarks.append(f"not taken: {shown(path)} is an archive that cannot be read here")
            if folded(path) in folds:
                other = folds[folded(path)]
                if path != other:
                    remarks.append(
                        f"not taken: {shown(path)}, which some disks take for {shown(other)}"
                    )
                    continue
                if found.order == of[path].order:
                    remarks.append(f"not taken: {shown(path)}, which is there twice")
                    continue
                # The latest attempt has the name; what was taken away in it may be in an earlier.
                earlier = f"{_EARLIER} {len(files)}/{path}"
                if found.order < of[path].order:
                    path = earlier
                else:
                    files[earlier], of[earlier] = files.pop(path), of.pop(path)
            try:
                files[path] = each.read()
            except RefusedError as error:
                refused.add(each.path, error)
                continue
            of[path] = found
            folds.setdefault(folded(path), path)
    return _choose(files, of, told, remarks, max((f for f, _ in handed.files), key=_order))


def _expanded(path, entry, refused, depth):
    """Yield the files that an entry holds; what is in an archive is as if it were beside it."""
    if not entry.is_archive:
        yield path, entry
        return
    try:
        for each in list(inner(entry, refused, depth)):
            inside = each.path.removeprefix(f"{entry.path}/")
            yield from _expanded(inside, each, refused, depth + 1)
    except RefusedError as error:
        refused.add(entry.path, error)


def _order(found: Found):
    return found.order


def _choose(files, of, told, remarks, last):
    """Let each notebook of the assignment have its name; leave the others out."""
    slim = {path: without_outputs(content) for path, content in files.items()}
    taken: dict[str, bytes] = {}
    used = set()
    for name in told.notebooks:
        # What was handed in last comes first, if something was written in it.
        attempts = sorted({of[path].order for path in files}, reverse=True)
        chosen = None
        for attempt in [*attempts, None]:
            among = {p: c for p, c in slim.items() if attempt is None or of[p].order == attempt}
            chosen = find_notebook(among, name, told)
            if chosen.found and chosen.found.answered:
                break
        if chosen and chosen.path:
            taken[f"{name}.ipynb"] = files[chosen.path]
            used.add(chosen.path)
            if len(files) > 1 or chosen.path != f"{name}.ipynb":
                remarks.append(f"taken: {shown(chosen.path)}")
    for path, content in files.items():
        if path in used:
            continue
        if "ipynb" in path.lower() and used:
            remarks.append(f"not taken: {shown(path)}")
        elif path not in taken and not path.startswith(_EARLIER):
            taken[path] = content
    found = max((of[path] for path in used), key=_order, default=last)
    return taken, list(dict.fromkeys(remarks)), found


def _said(assignment, done, refused, wary, people, dry):
    width = max(len(shown(student)) for student in done) if done else 0
    lines = []
    for student, (placed, remarks) in done.items():
        told = "; ".join([placed.what, *remarks])
        lines.append(f"{shown(student):{width}}  {told}")
    for remark, students in wary.items():
        if remark:
            some = ", ".join(map(shown, students[:5])) + f" and {len(students) - 5} more" * (
                len(students) > 5
            )
            lines.append(f"\n{remark}: {some}")
            if "Moodle's number" in remark:
                lines.append(
                    "Give Moodle's grading worksheet with the archive: it says who they are."
                )
    if any("not taken" in remark for _, remarks in done.values() for remark in remarks):
        lines.append(f"\n{RULE}")
    if refused.found:
        lines.append("\nRefused:")
        lines += [f"- {path}: {why}" for path, why in refused.found]
    if missing := sorted(set(people.roster) - set(done)):
        some = ", ".join(map(shown, missing[:10])) + f" and {len(missing) - 10} more" * (
            len(missing) > 10
        )
        lines.append(f"\nIn the roster, and not in what was collected: {some}")
    counts = defaultdict(int)
    for placed, _ in done.values():
        counts[placed.what] += 1
    told = ", ".join(f"{count} {what}" for what, count in counts.items()) or "nobody"
    lines.append(f"\n{assignment}: {told}{'; nothing was written' if dry else ''}.")
    return lines
