# The course's commands. Each sets up what it needs; setting up again is instant.
.DEFAULT_GOAL := help
.PHONY: help book serve watch lab exercises new-assignment collect gradescope classroom colab autograde mutants before-tests test test-long lighthouse screenshots lint pins clean chromium slides slides-pdf pdf next bwrap ffmpeg release demo key lite bench train

PYTHON ?= python3
PORT   ?= 8000
BIN    := .venv/bin
READY  := .venv/.ready
# A process a core, each with one thread: more would only make each other wait.
# Compiled tests are kept, whatever the environment says: else every process compiles them anew.
PYTEST := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n logical --maxprocesses 8 --dist loadgroup

help: ## list the commands
	@grep -hE '^[a-z-]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.* ## (.*)/make \1\t\2/' | expand -t 18

$(READY): requirements.txt constraints.txt pyproject.toml package-lock.json tools/setup.sh
	@PYTHON=$(PYTHON) tools/setup.sh
	@touch $@

# One thread: the chapters' matrices are small, and a second thread only makes them wait.
book: export OMP_NUM_THREADS := 1
book: $(READY) ## build the book and print where it is
	@# The site that `make lite` built, when it is older than what it is made of.
	@[ ! -e .lite/site ] || .lite/venv/bin/python tools/lite/lite_build.py || [ $$? -eq 3 ]
	@$(BIN)/python tools/execute.py
	@# A build that was interrupted left no search index; Sphinx cannot go on from there.
	@[ -e _build/html/searchindex.js ] || rm -rf _build/.doctrees
	@# Nor does Sphinx warn again of a page that it has read: after a failure it reads all anew.
	@$(BIN)/jupyter-book build . -W -n --keep-going || { rm -rf _build/.doctrees; exit 1; }
	@$(BIN)/python tools/slides.py
	@touch _build/.book
	@echo "The book: $(CURDIR)/_build/html/index.html"

slides: book ## build the lecture slides, with the book, and print where they are
	@printf '$(CURDIR)/%s\n' _build/html/slides/*.html

pdf: book chromium ## print the book into one PDF, and print where it is
	@$(BIN)/python tools/pdf.py book

slides-pdf: book chromium ## print the lectures with their notes, and a handout for each chapter
	@$(BIN)/python tools/pdf.py slides handouts

# Its environment has nothing of .venv: Jupyter Book 1.x would hold Sphinx back.
.next/.ready: tools/next/requirements.txt tools/next/constraints.txt $(READY)
	@$(BIN)/uv venv -q --clear --python $(BIN)/python .next/venv
	@$(BIN)/uv pip install -q --python .next/venv/bin/python --excludes tools/excludes.txt \
		-r tools/next/requirements.txt -c tools/next/constraints.txt -e .
	@touch $@

next: .next/.ready book ## build the book with the newest Sphinx, MyST and theme, beside the other
	@.next/venv/bin/python tools/next/build.py

# In an environment of its own, and never part of the other commands: see tools/lite/.
.lite/.ready: tools/lite/requirements.txt tools/lite/constraints.txt $(READY)
	@$(BIN)/python -m venv .lite/venv
	@$(BIN)/uv pip install -q --python .lite/venv/bin/python -r tools/lite/requirements.txt -c tools/lite/constraints.txt
	@touch $@

lite: .lite/.ready ## let the book run Python in the browser: make lite PYODIDE_DIST=…
	@PYODIDE_DIST="$(PYODIDE_DIST)" .lite/venv/bin/python tools/lite/lite_build.py
	@$(MAKE) --no-print-directory book

serve: book ## build the book and serve it on localhost (PORT=8000)
	@$(BIN)/python tools/serve.py $(PORT)

watch: book ## build the book, serve it, and do so again whenever a file changes (PORT=8000)
	@$(BIN)/python tools/watch.py $(PORT)

lab: $(READY) ## do the exercises: your copies are in work/, never overwritten
	@for notebook in exercises/*/*.ipynb; do \
		mine=work/$${notebook#exercises/}; mkdir -p "$$(dirname "$$mine")"; \
		[ -e "$$mine" ] || cp "$$notebook" "$$mine"; \
	done
	@JUPYTER_CONFIG_PATH="$(CURDIR)/tools/lab$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}" \
		$(BIN)/jupyter lab --notebook-dir=work $(if $(filter 0,$(shell id -u)),--allow-root)

exercises: $(READY) ## regenerate exercises/ from solutions/
	@$(BIN)/nbgrader generate_assignment "*" --no-db --log-level=ERROR

new-assignment: $(READY) ## begin an assignment of your own: make new-assignment SLUG=gru
	@$(BIN)/python tools/new_assignment.py $(or $(SLUG),$(error Give it a name: make new-assignment SLUG=gru))
	@$(MAKE) --no-print-directory exercises

release: $(READY) ## pack each assignment for students without the course: dist/<slug>.zip
	@$(BIN)/python tools/release.py

collect: $(READY) ## put archives into submitted/: make collect ASSIGNMENT=gates ARCHIVES="a.zip"
	@$(BIN)/python -m lstm_grade collect $(or $(ASSIGNMENT),$(error Say which one: make collect ASSIGNMENT=gates ARCHIVES="a.zip")) $(ARCHIVES)

gradescope: $(READY) ## pack an autograder for Gradescope: make gradescope SLUG=gates
	@$(BIN)/python tools/bridges.py gradescope $(or $(SLUG),$(error Say which one: make gradescope SLUG=gates)) $(if $(VISIBILITY),--visibility $(VISIBILITY))

classroom: $(READY) ## write a template for GitHub Classroom: make classroom SLUG=gates
	@$(BIN)/python tools/bridges.py classroom $(or $(SLUG),$(error Say which one: make classroom SLUG=gates))

colab: $(READY) ## write copies for Colab: make colab REPO_URL=https://github.com/you/lstm
	@$(BIN)/python tools/bridges.py colab $(or $(REPO_URL),$(error Say where they will be: make colab REPO_URL=https://github.com/you/lstm))

autograde: $(READY) bwrap ## grade submitted/: make autograde ASSIGNMENT=gates
	@$(BIN)/python -m lstm_grade autograde $(or $(ASSIGNMENT),$(error Say which one: make autograde ASSIGNMENT=gates))

demo: $(READY) bwrap ## grade a class that never was, and report on it: demo/
	@$(BIN)/python tools/demo.py

key: $(READY) ## print the written questions with answers and rubrics
	@$(BIN)/python tools/answer_key.py

mutants: $(READY) ## run every known mistake through its assignment's checks, then unknown ones
	@$(BIN)/python tests/mutants.py
	@$(BIN)/python tests/mutated.py

# Without it, the browser's tests say so: they are skipped here, and fail in CI.
chromium:
	-@tools/setup.sh chromium

# The same for the sandbox in which submissions are executed.
bwrap:
	-@tools/setup.sh bwrap

ffmpeg:
	@tools/setup.sh ffmpeg

# Tests build nothing in this folder: what they read is built first. Where Pyodide cannot be
# had, the book has no Python in the browser, and its tests say so.
before-tests: .lite/.ready chromium bwrap
	@$(BIN)/ruff check && $(BIN)/ruff format --check
	@PYODIDE_DIST="$(or $(PYODIDE_DIST),registries)" \
		.lite/venv/bin/python tools/lite/lite_build.py || [ $$? -eq 3 ]
	@$(MAKE) --no-print-directory book

test: before-tests ## run the tests that CI runs; some: make test ONLY=tests/ref
	@$(PYTEST) -m "not long" $(ONLY)

# JupyterHub and its proxy stay out of .venv, in an environment that sees it.
.hub/.ready: tools/hub/requirements.txt tools/hub/package-lock.json $(READY)
	@$(BIN)/python -m venv --clear --without-pip .hub
	@echo "import site; site.addsitedir('$$($(BIN)/python -c "import sysconfig as s; print(s.get_path('purelib'))")')" \
		> "$$(.hub/bin/python -c "import sysconfig as s; print(s.get_path('purelib'))")/course.pth"
	@$(BIN)/uv pip install -q --python .hub/bin/python -c constraints.txt -r tools/hub/requirements.txt
	@npm ci --prefix tools/hub --silent --no-audit --no-fund
	@touch $@

test-long: before-tests .hub/.ready ## run the tests that take minutes
	@$(PYTEST) -m long $(ONLY)

# What lstm_ref is compared with stays out of .venv, in an environment that sees it.
.bench/.ready: benchmarks/requirements.txt $(READY)
	@$(BIN)/python -m venv --clear --without-pip .bench
	@echo "import site; site.addsitedir('$$($(BIN)/python -c "import sysconfig as s; print(s.get_path('purelib'))")')" \
		> "$$(.bench/bin/python -c "import sysconfig as s; print(s.get_path('purelib'))")/course.pth"
	@$(BIN)/uv pip install -q --no-deps --python .bench/bin/python -r benchmarks/requirements.txt
	@touch $@

bench: .bench/.ready bwrap ## measure speed, 15 minutes; README and the page `measured` show it
	@.bench/bin/python benchmarks/lstm.py
	@.bench/bin/python benchmarks/lstm.py --threads 2
	@$(BIN)/python benchmarks/checks.py
	@$(BIN)/python benchmarks/grading.py
	@$(BIN)/python benchmarks/book.py
	@$(BIN)/python benchmarks/report.py

# What is there is kept: delete its log in lstm_book/data/ to train anew.
train: export OMP_NUM_THREADS := 1
train: $(READY) ## train what is too long for the book: make train WHAT=writer
	@$(BIN)/python -m lstm_book.train.$(or $(WHAT),$(error Say what: make train WHAT=writer))

lighthouse: book chromium ## measure three pages as a phone sees them
	@npm ci --prefix tools/lighthouse --silent --no-audit --no-fund
	@node tools/lighthouse/measure.mjs

screenshots: book demo chromium ffmpeg ## take the pictures of README and book, the card, the film
	@$(BIN)/python tools/screenshots.py
	@$(BIN)/python tools/formgrader.py

lint: $(READY) ## format and check the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

pins: $(READY) ## pin again what requirements.txt pulls in
	@$(BIN)/uv pip compile -q --python-version 3.11.0 --no-header --no-annotate --no-emit-package torch \
		--excludes tools/excludes.txt requirements.txt -o constraints.txt
	@# What PyTorch's build for CUDA needs comes with it, where somebody wants that.
	@sed -i -E '/^(cuda-|nvidia-|triton==)/d' constraints.txt
	@$(BIN)/uv pip compile -q --python-version 3.11.0 --no-header --no-annotate \
		tools/lite/requirements.txt -o tools/lite/constraints.txt
	@$(BIN)/uv pip compile -q --python-version 3.14 --python-platform wasm32-pyodide2024 \
		--generate-hashes --no-header --no-annotate tools/lite/kernel.in -o tools/lite/kernel.txt
	@$(BIN)/python tools/lite/lite_pyodide.py
	@$(BIN)/uv pip compile -q --upgrade --python-version 3.11.0 --no-header --no-annotate \
		--excludes tools/excludes.txt tools/next/requirements.txt -o tools/next/constraints.txt

clean: ## delete what was built; .venv, work/ and a class's folders stay
	@rm -rf _build build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis .ipynb_checkpoints
