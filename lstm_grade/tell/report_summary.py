"""A graded class in numbers: points, questions, mistakes, remarks, who needs a look."""

import math
import statistics
from collections import Counter, defaultdict
from datetime import datetime

from lstm_grade.run.folder import shown

# A question is worth talking about if more than this share, or nobody, has all its points.
ALMOST_ALL = 0.95
FEW = 1 / 3
# What is said of more than this share of a class says nothing of anybody in it: a test was mended,
# an editor changes all notebooks alike. A handful is no class.
MOST = 1 / 2
HANDFUL = 5


def points(found):
    """Return the points: the most, mean, median, and how many students in each range.

    Parameters
    ----------
    found : lstm_grade.tell.report.GradedClass

    Returns
    -------
    dict
    """
    most = sum(found.questions.values())
    totals = sorted(work.total for work in found.works.values())
    # At most ten ranges, each of a round number of points.
    width = next(
        step * 10**power
        for power in range(-2, 9)
        for step in (1, 2, 5)
        if (most or 1) / (step * 10**power) <= 10
    )
    counts = Counter(min(int(total // width), math.ceil(most / width) - 1) for total in totals)
    ranges = [
        (_range(k * width, min((k + 1) * width, most), k), counts[k])
        for k in reversed(range(max(math.ceil(most / width), 1)))
    ]
    return {
        "most": most,
        "mean": statistics.mean(totals),
        "median": statistics.median(totals),
        "ranges": ranges,
        "waiting": sum(bool(work.waiting) for work in found.works.values()),
    }


def _range(low, high, k):
    return f"{low:g} to {high:g}" if k == 0 else f"above {low:g}, to {high:g}"


def questions(found):
    """Return a row for each question: how it went, and whether to talk about it."""
    rows = []
    for name, most in found.questions.items():
        scores = [w.points.get(name) for w in found.works.values() if name not in w.waiting]
        scores = [score for score in scores if score is not None]
        solved = sum(score >= most for score in scores)
        share = solved / len(scores) if scores else None
        rows.append(
            {
                "name": name,
                "most": most,
                "mean": statistics.mean(scores) if scores else None,
                "solved": solved,
                "graded": len(scores),
                "nothing": sum(score == 0 for score in scores),
                "waiting": sum(name in work.waiting for work in found.works.values()),
                "remark": _remark(share) if len(scores) == len(found.works) else "",
            }
        )
    return rows


def _remark(share):
    if share is None:
        return ""
    if share == 0:
        return "nobody solved it"
    if share < FEW:
        return "few solved it"
    return "almost everybody solved it" if share > ALMOST_ALL else ""


def mistakes(found, anonymous=False):
    """Return a row for each mistake, those of most students first.

    Parameters
    ----------
    found : lstm_grade.tell.report.GradedClass
    anonymous : bool
        Leave out a sentence that only one student read: it may quote them.
    """
    students = defaultdict(set)
    said = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
    for student, work in found.works.items():
        for each in work.mistakes:
            students[each["mistake"]].add(student)
            words = " ".join(each["message"].split()), each["section"]
            said[each["mistake"]][each["function"]][words].add(student)
    rows = []
    for name in sorted(students, key=lambda name: (-len(students[name]), name)):
        functions = [_in_function(*each, anonymous) for each in said[name].items()]
        rows.append(
            {
                "name": name,
                "students": len(students[name]),
                "functions": sorted(functions, key=lambda row: (-row["students"], row["name"])),
                "who": [] if anonymous else [shown(student) for student in sorted(students[name])],
            }
        )
    return rows


def _in_function(name, said, anonymous):
    """Return how many students made a mistake in a function, and what most of them read."""
    (sentence, section), readers = max(said.items(), key=lambda item: (len(item[1]), item[0]))
    return {
        "name": name,
        "students": len(set().union(*said.values())),
        "section": section,
        "sentence": "" if anonymous and len(readers) < 2 else sentence,
    }


def sections(found):
    """Return the sections that the mistakes point to, with how many students; most first."""
    students = defaultdict(set)
    for student, work in found.works.items():
        for each in work.mistakes:
            if each["section"]:
                students[each["section"]].add(student)
    counts = ((section, len(who)) for section, who in students.items())
    return sorted(counts, key=lambda item: (-item[1], item[0]))


def remarks(found, anonymous=False):
    """Return what was odd, with the students; those that concern most first.

    What was said of one student alone may hold a name, such as that of a file:
    it is counted, but not shown, if the report is anonymous.
    """
    students = defaultdict(list)
    for student, work in found.works.items():
        for remark in work.odd:
            students[remark].append(shown(student))
    rows = sorted(students.items(), key=lambda item: (-len(item[1]), item[0]))
    if not anonymous:
        return [(remark, len(who), who) for remark, who in rows]
    shared = [(remark, len(who), []) for remark, who in rows if len(who) > 1]
    alone = {who[0] for _, who in rows if len(who) == 1}
    if alone:
        shared.append(("something that was said of nobody else", len(alone), []))
    return shared


def shared_remarks(found):
    """Return the remarks that most of the class shares."""
    counts = Counter(remark for work in found.works.values() for remark in set(work.odd))
    enough = max(HANDFUL, MOST * len(found.works))
    return sorted(remark for remark, count in counts.items() if count > enough)


def why(found, anonymous=False):
    """Return of each student who needs a look what was said of them, and not of most."""
    if anonymous:
        return []
    shared = set(shared_remarks(found))
    rows = []
    for student, work in found.works.items():
        told = [remark for remark in work.odd if remark not in shared]
        told += [f"{cell} waits: {reason}" for cell, reason in work.reasons.items()]
        if told:
            rows.append((shown(student), told))
    return rows


def look(found, anonymous=False):
    """Return the groups of students who need a look: (why, how many, who)."""
    works, shared = found.works, set(shared_remarks(found))
    groups = [
        ("handed in, but not graded", found.ungraded),
        ("handed in the notebook untouched", [s for s, work in works.items() if work.untouched]),
        ("have no points, and changed something", [s for s, w in works.items() if _no_points(w)]),
        (
            "something was odd when it was graded",
            [s for s, work in works.items() if set(work.odd) - shared],
        ),
        ("are in the gradebook and handed in nothing", found.absent),
        (
            "are in the gradebook, and not in autograded/",
            [student for student, work in works.items() if work.graded is None],
        ),
    ]
    return [
        (why, len(who), [] if anonymous else [shown(student) for student in who])
        for why, who in groups
        if who
    ]


def _no_points(work):
    return work.total == 0 and not work.waiting and not work.untouched


def when(found):
    """Return in words when the work was graded, and how long that took; "" if not known."""
    times = [work.graded for work in found.works.values() if work.graded is not None]
    if not times:
        return ""
    first, last = (datetime.fromtimestamp(time) for time in (min(times), max(times)))
    if (last - first).total_seconds() < 3600:
        seconds = (last - first).total_seconds()
        return f"{last:%Y-%m-%d %H:%M}; {seconds:.0f} s from the first to the last"
    return f"from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"


def slowest(found, anonymous=False):
    """Return in words how long a submission took, and which took longest; "" if not known."""
    seconds = {s: work.seconds for s, work in found.works.items() if work.seconds is not None}
    if not seconds:
        return ""
    student = max(seconds, key=seconds.get)
    whose = "" if anonymous else f", of {shown(student)},"
    middle = statistics.median(seconds.values())
    return (
        f"Half of the submissions took at most {middle:.1f} s; "
        f"the longest{whose} took {seconds[student]:.1f} s."
    )
