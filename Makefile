# `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
APP ?= yes
PORT ?= 8501
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo app lab test check full bench lock clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(READY): requirements.lock pyproject.toml
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --link-mode copy -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --link-mode copy --no-deps -e .
	touch $(READY)

demo: $(READY) ## Build the sample, play the three flows, print the KPIs, serve the app (APP=no: do not serve)
	$(BIN)/workbench demo --port $(PORT) $(if $(filter no,$(APP)),--no-app,)

app: $(READY) ## Serve the app
	$(BIN)/workbench app --port $(PORT)

lab: $(READY) ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir notebooks

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest -n $(WORKERS) -m "not full" tests

check: $(READY) ## Lint, types, architecture and tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=app:. $(BIN)/mypy --strict --explicit-package-bases app/streamlit_app.py app/ui app/screens
	$(BIN)/lint-imports
	$(MAKE) test

full: $(READY) ## The tests with their long campaigns
	$(BIN)/python -m pytest -n $(WORKERS) tests

bench: $(READY) ## Benchmarks, each against a peer in the same run
	for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

lock: ## Resolve the dependencies again
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --extra embeddings --group dev pyproject.toml -o requirements.lock

clean: ## Remove the environment and all built state
	rm -rf $(VENV) sample_data/.workbench examples/*/.workbench
