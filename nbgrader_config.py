"""nbgrader's configuration: every `nbgrader` command, run from here, reads it."""

import os
import sys
import warnings

from lstm_grade.run import plug
from lstm_grade.tell import pages

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "lstm"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"

# nbgrader hands students every file that lies beside a notebook in solutions/.
c.CourseDirectory.ignore = [
    *(".*", "__pycache__", "feedback", "*~", "*.bak", "*.pyc", "*.py", "*.md"),
    # Every .txt but timestamp.txt and submission_secret.txt, which `release_feedback` needs.
    *("*[!pt].txt", "*[!m]p.txt", "*[!e]t.txt"),
    *("*.db", "*.db-*", "*.csv", "*.html", "*.json", "*.log", "*.pdf", "*.zip"),
]
# Otherwise it leaves what is in exercises/ as it is, and says nothing.
c.GenerateAssignment.force = True

# `nbgrader autograde` and the formgrader's button grade as `python -m lstm_grade autograde` does,
# `nbgrader generate_feedback` writes the pages again that show what is not so any more.
plug.install()
pages.install()

# In feedback the source of hidden tests is left out, and so are scripts.
c.GenerateFeedback.exporter_class = "lstm_grade.tell.feedback.Page"
c.GenerateFeedback.preprocessors = [
    "lstm_grade.tell.pages.Marks",
    "lstm_grade.tell.feedback.HideTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
# `nbgrader export` leaves a mark out that nobody has given; nbgrader itself would write 0.
c.ExportApp.plugin_class = "lstm_grade.tell.exporters.Table"
# Students' HTML is shown as text, here and in the formgrader.
c.HTMLExporter.filters = {"markdown2html": "lstm_grade.tell.feedback.markdown2html"}

# To upgrade a gradebook nbgrader calls `alembic`, which only an activated environment finds.
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
# Once a student each kernel warns that it listens on TCP, on this machine only.
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--log-level=ERROR"]
# SQLAlchemy 2.1 warns of how nbgrader 0.9.6 uses it; nothing is wrong.
warnings.filterwarnings("ignore", module=r"nbgrader\.")
