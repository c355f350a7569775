"""Whose file it is, by the name that a system gave it.

Moodle: ``mod/assign/classes/downloader.php``. Canvas: ``lib/content_zipper.rb``.
Gradescope: ``submission_metadata.yml`` beside a folder for each submission.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

import yaml

from lstm_grade.run.collect.unpack import RefusedError

METADATA = "submission_metadata.yml"

# Ada Byron_1327627_assignsubmission_file/gates.ipynb; before 2023 with an underscore at the end,
# before 2016 no folder, and with the user's name in front if the site wants it. A group has its
# name and number there; those in no group share one without a number.
_MOODLE = re.compile(
    r"(?:(?P<user>[^_\s]*[\d@][^_\s]*)_(?!\d+_assignsubmission))?(?P<name>.+?)"
    r"(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?"
)
# byronada_LATE_4716_98771_gates-2.ipynb; without a name and as anon_Ab3dE if it is anonymous; a
# text that was typed in, or a link, has no number of its own.
_CANVAS = re.compile(
    r"(?:(?!LATE_)(?P<name>.+?)_)?(?:(?P<late>LATE)_)?"
    r"(?:(?P<anon>anon_[A-Za-z0-9]{4,8})|(?P<number>\d+))"
    r"_(?:(?P<attachment>\d{3,})_(?P<file>.+)|(?P<typed>(?:text|link)\.html))",
    re.IGNORECASE,
)
# gates_s1234567_attempt_2026-11-20-18-05-33_gates.ipynb
_BLACKBOARD = re.compile(
    r".+_(?P<user>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+))?(?:\.txt)?"
)


@dataclass(frozen=True)
class Found:
    """A file of a student, as far as its name tells.

    Attributes
    ----------
    system : str
        "Moodle", "Canvas", "Blackboard", "Gradescope" or "" for plain folders.
    key : str
        What the system calls the student.
    name : str
        The student's name, "" if it is not in there.
    path : str
        The file's path among those of the student.
    late : bool
        Whether the system says that it came late.
    order : tuple
        Sorts attempts: the later one is greater.
    when : datetime or None
        When it was handed in; without a zone if the system gives none.
    email, user : str
        Where the system says them.
    """

    system: str
    key: str
    name: str
    path: str
    late: bool = False
    order: tuple = ()
    when: datetime | None = None
    email: str = ""
    user: str = ""


def identify(path: str) -> Found | None:
    """Return whose file it is by Moodle's, Canvas's or Blackboard's way to name it; None else."""
    parts = path.split("/")
    for place, part in enumerate(parts):
        rest = "/".join(parts[place + 1 :])
        found = _MOODLE.fullmatch(part)
        if found and (rest or found["file"]):
            inside = "/".join(filter(None, [found["file"], rest]))
            if found["kind"] != "file":
                inside = f"{found['kind']}/{inside}"
            name = found["name"].strip()
            key = found["number"] or name
            return Found("Moodle", key, name, inside, user=found["user"] or "")
    name = parts[-1]
    if found := _BLACKBOARD.fullmatch(name):
        when = datetime.strptime(found["time"], "%Y-%m-%d-%H-%M-%S")
        return Found("Blackboard", found["user"], "", found["file"] or "", False, (when,), when)
    for place, part in enumerate(parts):
        if found := _CANVAS.fullmatch(part):
            rest = "/".join([found["file"] or found["typed"], *parts[place + 1 :]])
            key = found["number"] or found["anon"]
            order = (int(found["attachment"] or 0),)
            return Found("Canvas", key, found["name"] or "", rest, bool(found["late"]), order)
    return None


def plain(path: str, slug: str, notebooks) -> Found | None:
    """Return whose file it is in a plain folder: of the folder, or of the file's own name.

    Parameters
    ----------
    path : str
    slug : str
        The assignment.
    notebooks : collection of str
        The assignment's notebooks, without suffix.
    """
    parts = [part for part in path.split("/") if part]
    if parts[0] in ("submitted", "submissions") and len(parts) > 2:
        parts = parts[1:]
    if len(parts) > 1:
        inside = parts[1:]
        if inside[0] == slug and len(inside) > 1:
            inside = inside[1:]
        # GitHub Classroom puts the assignment's name before the student's.
        return Found("", _without(parts[0], {slug}), "", "/".join(inside))
    stem, suffix = PurePosixPath(parts[0]).stem, PurePosixPath(parts[0]).suffix.lower()
    stem = _without(stem, {slug, *notebooks})
    if suffix not in (".ipynb", ".zip", ".py", ".json", ".tgz") or stem in {slug, *notebooks}:
        return None
    return Found("", stem, "", parts[0])


def _without(text, names):
    """Return a text without the name of the assignment at its beginning or end."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(
            rf"(?i)(^{re.escape(name)}[-_ .]+|[-_ .]+{re.escape(name)}$)", "", text, count=1
        )
    return text


def gradescope(content: bytes) -> dict[str, list[Found]]:
    """Return whose submission each folder of Gradescope's export is; several in a group.

    Raises
    ------
    RefusedError
        If it is not Gradescope's file.
    """
    try:
        told = yaml.safe_load(content)
        return {str(folder): _submitters(about) for folder, about in told.items()}
    except (yaml.YAMLError, AttributeError, TypeError, ValueError, RecursionError) as error:
        raise RefusedError(f"is not as Gradescope writes it: {str(error)[:100]}") from error


def _submitters(about):
    when = about.get(":created_at")
    if isinstance(when, str):
        when = datetime.fromisoformat(when.replace(" UTC", "+00:00").replace(" Z", "+00:00"))
    if isinstance(when, datetime):
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return [
        Found(
            "Gradescope",
            str(each.get(":sid") or each.get(":email") or each.get(":name") or ""),
            str(each.get(":name") or ""),
            "",
            order=(when,) if when else (),
            when=when,
            email=str(each.get(":email") or ""),
        )
        for each in about.get(":submitters") or ()
    ]


def folded(text: str) -> str:
    """Return a text such that those which some disk takes for the same are the same."""
    return unicodedata.normalize("NFC", text).casefold()
