# Needs python3 (3.11 or newer, with venv) and make; everything else is installed into .venv.
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
BIN := .venv/bin
STAMP := .venv/.installed
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
DEVELOPMENT := GONGYI_MODE=development GONGYI_PUBLIC_URL=http://127.0.0.1:$(PORT)

.DEFAULT_GOAL := help
NPM := cd frontend && ../$(BIN)/python ../scripts/node.py npm
PACKAGES := frontend/node_modules/.package-lock.json
BUILT := frontend/console/dist/index.html

.PHONY: help install frontend types screenshots run port dev worker demo fmt check test test-deep migration openapi bench bench-tally bench-cast bench-unseal bench-turnout bench-roster bench-front lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## everything into .venv (the others do this by themselves)

$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Python's venv module is needed (Debian, Ubuntu: apt install python3-venv)"; exit 1; }
	@echo "Installing into .venv ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

frontend: $(BUILT) ## the residents' app and the console, built (the others do this by themselves)

$(PACKAGES): frontend/package-lock.json | $(STAMP)
	@echo "Installing the front end's packages ..."
	@$(NPM) ci --silent
	@touch $@

$(BUILT): $(PACKAGES) $(shell find frontend/resident frontend/console frontend/shared/src frontend/build -type f -not -path '*/dist/*' -not -path '*/node_modules/*' 2>/dev/null)
	@echo "Building the front end ..."
	@$(NPM) run --silent build
	@touch $@

types: $(PACKAGES) openapi ## the front end's types, from docs/openapi.json
	$(NPM) run --silent types

run: $(STAMP) $(BUILT) port demo ## the service on this machine with a demonstration neighbourhood: http://127.0.0.1:8000
	$(DEVELOPMENT) $(BIN)/gongyi serve --port $(PORT) --worker

port: $(STAMP)
	@$(BIN)/gongyi serve --port $(PORT) --check

dev: $(STAMP) $(BUILT) port ## like run, without seeding, and started anew when the code changes
	$(DEVELOPMENT) $(BIN)/gongyi migrate
	$(DEVELOPMENT) GONGYI_WORKER_INSIDE=true $(BIN)/uvicorn --factory app.main:create_app --port $(PORT) --reload --reload-dir app

worker: $(STAMP) ## a worker of its own, beside `make dev` or `make run`
	$(DEVELOPMENT) $(BIN)/gongyi work

demo: $(STAMP) ## seed the demonstration neighbourhood; what is there already stays
	$(DEVELOPMENT) $(BIN)/gongyi migrate
	$(DEVELOPMENT) $(BIN)/gongyi demo

fmt: $(STAMP) ## format, and mend what can be mended by itself
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

check: $(STAMP) $(BUILT) ## every static gate
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/openapi.py --check
	$(BIN)/python scripts/api_doc.py --check
	$(BIN)/python scripts/migration.py --check
	$(BIN)/python scripts/tracked_files.py
	sh scripts/nginx.sh
	$(BIN)/python scripts/evidence_vectors.py --check
	$(BIN)/python scripts/bundle_sizes.py
	$(NPM) run --silent types:check
	$(NPM) run --silent check

test: $(STAMP) $(BUILT) ## every test with moderate numbers: SQLite, PostgreSQL, a browser
	$(BIN)/python -m pytest -n $(WORKERS)

test-deep: $(STAMP) $(BUILT) ## the full numbers of the long tests
	GONGYI_DEEP=1 $(BIN)/python -m pytest -n $(WORKERS)

migration: $(STAMP) ## m="what changes": draft a migration from the models
	@test -n "$(m)" || { echo 'say what changes: make migration m="add a column for ..."'; exit 2; }
	$(BIN)/python scripts/migration.py "$(m)"

openapi: $(STAMP) ## write docs/openapi.json
	$(BIN)/python scripts/openapi.py

screenshots: $(STAMP) $(BUILT) ## pictures of every screen of the residents' app, into screenshots/ (NAMES="home choose")
	$(BIN)/python scripts/screenshots.py $(NAMES)

bench: bench-tally bench-cast bench-unseal bench-turnout bench-roster bench-front ## measure this machine

bench-cast: $(STAMP) ## casting over HTTP, beside the shapes it is judged by; both databases, one and two processes
	cd benchmarks && ../$(BIN)/python bench_cast.py

bench-unseal: $(STAMP) ## 500,000 ballots from closing to the public result; both databases
	cd benchmarks && ../$(BIN)/python bench_unseal.py

bench-roster: $(STAMP) ## a roster of 10,000 rows from the upload to the last row in place; both databases
	cd benchmarks && ../$(BIN)/python bench_roster.py

bench-turnout: $(STAMP) ## the turnout of 132,000 households by building and unit; both databases
	cd benchmarks && ../$(BIN)/python bench_turnout.py

bench-front: $(STAMP) $(BUILT) ## the residents' app on a slow phone over a slow line, beside a bare page
	cd benchmarks && ../$(BIN)/python bench_frontend.py

bench-tally: $(STAMP) .venv-bench/.installed ## the count, beside pabutools and votekit; EXPLAIN=1 adds all explanations
	$(BIN)/python benchmarks/bench_tally.py $(if $(EXPLAIN),--explain)

.venv-bench/.installed: requirements-bench.txt
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements-bench.txt
	@touch $@

lock: $(STAMP) ## resolve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml $(LOCK) --output-file requirements.txt
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCK) --output-file requirements-dev.txt
	$(BIN)/uv pip compile --group node $(LOCK) --output-file requirements-node.txt
	$(BIN)/uv pip compile --group bench $(LOCK) --output-file requirements-bench.txt

LOCK := --quiet --upgrade --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header
