"""A class is graded with nbgrader: the right points, feedback that says why, nobody harmed."""

import csv
import html
import re

import nbformat
import pytest

import notebooks

POINTS = {name.removeprefix("test_"): n for name, n in notebooks.points("gates").items()}
WRONG = {
    "forget_gate": "return sigmoid(hx @ W_f.T)",
    "input_gate": "return np.tanh(hx @ W_i.T + b_i)",
    "candidate": "return sigmoid(hx @ W_c.T + b_c)",
    "cell_state": "return i * c_prev + f * c_tilde",
    "output_gate": "return 1 - sigmoid(hx @ W_o.T + b_o)",
    "hidden_state": "return o * c",
}
HALF = {
    "cell_state": "c_prev *= f\nc_prev += i * c_tilde\nreturn c_prev",
    "output_gate": "return sigmoid(hx @ W_o + b_o)",
    "hidden_state": "o * np.tanh(c)",
}
# Right on the visible check; each fails one kind of hidden test.
HIDDEN = {
    "forget_gate": "z = hx @ W_f.T + b_f\nreturn np.exp(z) / (1 + np.exp(z))",
    "candidate": "W_c = W_c.reshape(4, 7)\nreturn np.tanh(hx @ W_c.T + b_c)",
    "hidden_state": "h = o * np.tanh(c)\nreturn h.squeeze()",
}


def copy_cells(path):
    """Let a student have copied an answer and a test."""
    notebook = nbformat.read(path, 4)
    for name in ["forget_gate", "test_forget_gate"]:
        at = [cell.id for cell in notebook.cells].index(name)
        copied = nbformat.from_dict({**notebook.cells[at], "id": f"{name}-copy"})
        notebook.cells.insert(at, copied)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def course(new_course):
    """Return a class, graded with plain nbgrader commands."""
    course = new_course()
    course.submit("right")
    course.submit("half", HALF)
    course.submit("untouched", dict.fromkeys([*POINTS, "answer"]))
    course.submit("hidden", HIDDEN)
    for name, body in WRONG.items():
        course.submit(f"wrong_{name}", {name: body})
    copy_cells(course.submit("copied"))

    course.nbgrader("generate_assignment", "gates")
    course.nbgrader("autograde", "gates")
    course.nbgrader("generate_feedback", "gates")
    course.nbgrader("export")
    return course


def points(course, student):
    return {
        name.removeprefix("test_"): score
        for name, score in course.scores()[student].items()
        if name != "answer"
    }


def feedback(course, student):
    page = course.path.joinpath("feedback", student, "gates", "gates.html").read_text()
    return html.unescape(re.sub("<[^>]*>", "", page))


def test_solution_scores_full_marks(course):
    assert points(course, "right") == POINTS
    assert sum(POINTS.values()) == 30


def test_untouched_exercise_scores_zero(course):
    assert points(course, "untouched") == dict.fromkeys(POINTS, 0)


@pytest.mark.parametrize("name", POINTS)
def test_wrong_answer_loses_its_own_points_only(course, name):
    assert points(course, f"wrong_{name}") == {**POINTS, name: 0}


def test_half_right_scores_half(course):
    assert points(course, "half") == {**POINTS, **dict.fromkeys(HALF, 0)}


def test_hidden_tests_see_more_than_the_visible_check(course):
    assert points(course, "hidden") == {**POINTS, **dict.fromkeys(HIDDEN, 0)}


def test_copied_cells_harm_nobody(course):
    assert points(course, "copied") == POINTS


def test_written_answer_waits_for_the_instructor(course):
    scores = course.scores()
    assert scores["right"]["answer"] is None
    assert scores["untouched"]["answer"] == 0


def test_feedback_says_what_is_wrong(course):
    page = feedback(course, "half")
    assert "it changes its argument c_prev" in page
    assert "output_gate stopped with ValueError at: return sigmoid(hx @ W_o + b_o)" in page
    assert "hidden_state returns None; expected an array of shape (2, 4)." in page
    assert "forget_gate: correct" in page
    assert "Traceback (most" not in page

    assert "forget_gate is not written yet" in feedback(course, "untouched")
    assert "values are not finite" in feedback(course, "hidden")
    assert "(15.0 / 32.0)" in page.replace("Score: ", "")


def test_export(course):
    with course.path.joinpath("grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    scores = {student: float(row["score"]) for student, row in rows.items()}
    assert scores.pop("half") == 15
    assert scores.pop("untouched") == 0
    assert scores.pop("hidden") == 16
    assert scores.pop("right") == scores.pop("copied") == 30
    assert scores == {f"wrong_{name}": 30 - POINTS[name] for name in POINTS}
    assert {float(row["max_score"]) for row in rows.values()} == {32}


def test_validate_says_what_the_student_would_lose(course):
    # It exits with 0 in any case.
    right = course.nbgrader("validate", "submitted/right/gates/gates.ipynb")
    assert "Success! Your notebook passes all the tests." in right
    half = course.nbgrader("validate", "submitted/half/gates/gates.ipynb")
    assert "VALIDATION FAILED ON 3 CELL(S)!" in half
    assert "Does the function end with a return statement?" in half
    # It cuts long lines; ours fit.
    assert not re.search(r"\.\.\.$", half, re.MULTILINE)


# A step backwards that knows the forget gate alone.
FORGETFUL = """\
grads = {name: value * dh.mean() for name, value in params.items()}
return {**grads, "x_t": cache["x_t"], "h_prev": dh * cache["f"], "c_prev": dc * cache["f"]}"""


@pytest.mark.parametrize(
    ("slug", "mistake"),
    [
        ("recurrence", {"sigmoid": "return 1 / (1 + np.exp(-z))"}),
        # What calls the wrong function is right given it.
        ("cell", {"stack": "return np.concatenate([x_t, h_prev], axis=1)"}),
        ("backward", {"cell_backward": FORGETFUL}),
        ("backward", {"lstm_backward": "return cell_backward(dh[-1], dc_T, caches[-1], params)"}),
        ("gradient-flow", {"init_forget_bias": "return params"}),
    ],
)
def test_every_assignment_is_graded(new_course, slug, mistake):
    course = new_course()
    course.submit("right", slug=slug)
    course.submit("wrong", mistake, slug=slug)
    points = notebooks.points(slug)
    written = [cell for cell in notebooks.read(slug).cells if cell.cell_type == "code"]
    stubs = {cell.id: None for cell in written if cell.metadata.get("nbgrader", {}).get("solution")}
    course.submit("untouched", stubs, slug=slug)
    graded = course.run("lstm_grade", "autograde", slug)
    assert graded.returncode == 0, graded.stdout + graded.stderr
    scores = course.scores()
    for student in scores.values():
        student.pop("answer")
    [wrong] = mistake
    assert scores["right"] == points
    lost = {name: 0 for name in points if name.startswith(f"test_{wrong}")}
    assert scores["wrong"] == {**points, **lost}
    assert scores["untouched"] == dict.fromkeys(points, 0)
