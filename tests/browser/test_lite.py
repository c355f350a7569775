"""An assignment, done in the browser and handed in; and what the page says when something fails."""

import os
import time

import nbformat
import pytest

import notebooks

ANSWERS = {
    "forget_gate": "return sigmoid(hx @ W_f.T + b_f)",
    "input_gate": "return sigmoid(hx @ W_i.T + b_i)",
    "candidate": "return np.tanh(hx @ W_c.T + b_c)",
    "cell_state": "return f * c_prev + i * c_tilde",
    "output_gate": "return sigmoid(hx @ W_o.T + b_o)",
    "hidden_state": "return o * c",  # no tanh
}
POINTS = {**notebooks.points("gates"), "test_hidden_state": 0}
STUB = "raise NotImplementedError()"
NO_STORAGE = """
IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };
Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });
"""
# Goals, on a machine that has nothing else to do. This one may be shared: LITE_SECONDS=1 asserts.
COLD, WARM = 20, 12
LARGEST = 40 * 2**20  # bytes, until all is there


@pytest.fixture
def context(browser):
    """Return a browser that was never here before."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context
    context.close()


class Assignment:
    """The page of an assignment."""

    def __init__(self, context, address):
        self.page = context.new_page()
        self.address = address
        self.requests = []
        self.received = []
        self.problems = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        context.on("requestfinished", lambda request: self.received.append(request))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(address)
        self.notebook = self.page.frame_locator("iframe")

    def wait_for(self, text):
        """Wait until the page says `text`."""
        self.page.locator("#status", has_text=text).wait_for(timeout=120_000)

    def wait_for_source(self, function, text):
        """Wait until the cell of a function has `text`. Of long cells, not all is on the page."""
        self.page.wait_for_function(
            """([id, text]) => panel && [...panel.context.model.cells]
            .find((cell) => cell.id === id)?.sharedModel.getSource().includes(text)""",
            arg=[function, text],
        )

    def write(self, function, body):
        """Type an answer in place of the last line of a function's cell."""
        self.page.evaluate(
            """async (id) => {
              const notebook = panel.content;
              const at = [...panel.context.model.cells].findIndex((cell) => cell.id === id);
              notebook.activeCellIndex = at;
              await notebook.scrollToItem(at);
              await notebook.activeCell.ready;
              notebook.mode = "edit";
              notebook.activeCell.editor.focus();
            }""",
            function,
        )
        self.page.keyboard.press("Control+End")
        self.page.keyboard.press("Shift+Home")
        self.page.keyboard.type(body)
        self.wait_for_source(function, body)

    def restart_and_run_all(self):
        """Do what *Hand in* says, through the menu."""
        self.notebook.get_by_role("menuitem", name="Run", exact=True).click()
        self.notebook.get_by_role("menuitem", name="Restart Kernel and Run All Cells…").click()
        self.notebook.get_by_role("button", name="Confirm Kernel Restart").click()

    def size(self):
        """Return the bytes that came."""
        return sum(request.sizes()["responseBodySize"] for request in self.received)

    def outputs(self):
        """Return all that was printed."""
        return "\n".join(self.notebook.locator(".jp-OutputArea-output").all_inner_texts())

    def download(self):
        """Press the button; return the downloaded file."""
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="Download to hand in").click()
        return download.value


@pytest.fixture
def assignment(context, lite):
    return Assignment(context, f"{lite}/lite/gates.html")


def test_answers_are_handed_in_and_graded(assignment, lite, new_course):
    assignment.wait_for("Python is ready")
    for function, body in ANSWERS.items():
        assignment.write(function, body)
    assignment.restart_and_run_all()
    last = assignment.notebook.locator(".jp-OutputArea-output", has_text="hidden_state: ")
    last.wait_for(state="attached", timeout=120_000)
    said = assignment.outputs()
    for function in list(ANSWERS)[:-1]:
        assert f"{function}: correct" in said
    assert "those without tanh" in said  # the mistake is named
    here = (lite, "data:", "blob:", "attachment:")  # the last: in the notebook
    assert [url for url in assignment.requests if not url.startswith(here)] == []
    assert assignment.problems == []
    assert assignment.size() < LARGEST

    file = assignment.download()
    assert file.suggested_filename == "gates.ipynb"
    course = new_course()
    target = course.path / "submitted/student/gates/gates.ipynb"
    target.parent.mkdir(parents=True)
    file.save_as(target)
    notebook = nbformat.read(target, 4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    graded = course.run("lstm_grade", "autograde", "gates")
    assert graded.returncode == 0, graded.stdout + graded.stderr
    scores = course.scores()["student"]
    assert {name: scores[name] for name in POINTS} == POINTS


def test_work_survives_a_reload_and_can_be_started_over(assignment):
    page = assignment.page
    assignment.wait_for("Python is ready")
    assignment.write("forget_gate", "return 'mine'")
    assignment.wait_for("Saved in this browser at")
    page.reload()
    assignment.wait_for("Python is ready")
    assignment.wait_for_source("forget_gate", "return 'mine'")

    page.get_by_role("button", name="Start over").click()
    page.get_by_role("button", name="Keep my work").click()
    assignment.wait_for_source("forget_gate", "return 'mine'")
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("dialog").get_by_role("button", name="Start over", exact=True).click()
    assignment.wait_for_source("forget_gate", STUB)
    page.reload()
    assignment.wait_for("Python is ready")
    assignment.wait_for_source("forget_gate", STUB)


def test_leaving_with_unsaved_work_warns(assignment):
    page = assignment.page
    assignment.wait_for("Python is ready")
    warnings = []
    page.on("dialog", lambda dialog: (warnings.append(dialog.type), dialog.dismiss()))
    assignment.write("forget_gate", "x")
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    assert warnings == ["beforeunload"]
    assignment.wait_for("Saved in this browser at")
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert warnings == ["beforeunload"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("delete window.WebAssembly", "WebAssembly"),
        ("Object.defineProperty(navigator, 'onLine', { value: false })", "no network"),
        (NO_STORAGE, "may not keep anything"),
    ],
)
def test_without_what_it_needs_it_offers_the_notebook(context, lite, script, said):
    context.add_init_script(script)
    assignment = Assignment(context, f"{lite}/lite/gates.html")
    alert = assignment.page.get_by_role("alert")
    alert.wait_for()
    assert said in alert.inner_text()
    assert assignment.page.locator("iframe").count() == 0
    with assignment.page.expect_download() as download:
        alert.get_by_role("link", name="Download the notebook").click()
    assert nbformat.read(download.value.path(), 4).cells


def test_full_storage_is_said_and_nothing_is_lost(assignment):
    assignment.wait_for("Python is ready")
    for frame in assignment.page.frames:
        frame.evaluate(
            "() => { IDBObjectStore.prototype.put = () => "
            "{ throw new DOMException('', 'QuotaExceededError'); }; }"
        )
    assignment.write("forget_gate", "return 'mine'")
    alert = assignment.page.get_by_role("alert")
    alert.wait_for()
    assert "storage is full" in alert.inner_text()
    assert "return 'mine'" in assignment.download().path().read_text("utf-8")


def test_the_network_may_go_once_it_is_loaded(assignment, context):
    assignment.wait_for("Python is ready")
    context.set_offline(True)
    assignment.write("forget_gate", ANSWERS["forget_gate"])
    assignment.wait_for("Saved in this browser at")
    assert ANSWERS["forget_gate"] in assignment.download().path().read_text("utf-8")


@pytest.mark.long
def test_seconds_and_bytes_to_the_first_check(context, lite):
    """Printed with pytest -s; asserted only with LITE_SECONDS, where nothing else runs."""
    for label, goal in ("cold", COLD), ("warm", WARM):
        begun = time.monotonic()
        assignment = Assignment(context, f"{lite}/lite/gates.html")
        assignment.wait_for("Python is ready")
        if label == "cold":  # and then it is there
            assignment.write("forget_gate", ANSWERS["forget_gate"])
            assignment.wait_for("Saved in this browser at")
        assignment.notebook.get_by_role("menuitem", name="Run", exact=True).click()
        assignment.notebook.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        checked = assignment.notebook.locator(".jp-OutputArea-output", has_text="forget_gate: corr")
        checked.wait_for(state="attached", timeout=120_000)
        seconds = time.monotonic() - begun
        size, requests = assignment.size(), len(assignment.received)
        assignment.page.close()
        print(f"{label}: {seconds:.1f} s, {size / 2**20:.1f} MiB, {requests} requests")
        assert size < LARGEST
        if os.environ.get("LITE_SECONDS"):
            assert seconds <= goal


def test_the_page_is_accessible(browser, lite, violations):
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(f"{lite}/lite/gates.html")
    page.locator("#actions:not([hidden])").wait_for(timeout=120_000)
    page.get_by_text("How to hand in").click()

    def look():
        for width in 390, 1280:
            page.set_viewport_size({"width": width, "height": 844})
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) == 0
            for scheme in "light", "dark":
                page.emulate_media(color_scheme=scheme)
                assert violations(page, exclude=["iframe"]) == []

    look()
    page.get_by_role("button", name="Start over").click()
    look()
    context.close()
