# ContentDesk. `make` alone explains itself.
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 4
TESTS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup run test test-sqlite test-postgres test-real check browser ffmpeg lock translations clean

help: ## Shows this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.run ## Installs what running needs, into .venv

run: setup ## Starts everything for practice: http://127.0.0.1:8000 (another port: make run PORT=9000)
	@PORT=$(PORT) exec $(BIN)/python -m contentdesk.launch

# Beside each other, because one alone leaves a core idle whenever tests wait, and in the end.
TOGETHER := --no-print-directory --jobs=3 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

test: WORKERS = 2
test: $(VENV)/.test browser ffmpeg ## Installs what tests need and runs all checks
	@echo "Checks, tests on SQLite and tests on PostgreSQL run beside each other; each is shown when it ends."
	@$(MAKE) $(TOGETHER) WORKERS=$(WORKERS) check test-sqlite test-postgres

check: $(VENV)/.test ## Types, style, who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What Python compiled once is kept for the other workers, the other database and the next run, also where the machine
# says not to: reading the tests took each worker twice as long.
test-sqlite test-postgres: export PYTHONDONTWRITEBYTECODE =

test-sqlite: $(VENV)/.test ## The tests on SQLite
	$(BIN)/pytest -n $(WORKERS) --database sqlite $(TESTS)

# What a browser shows does not depend on the database: these walks are made on SQLite only.
WALKS := pages weight without_script at_the_keyboard bad_input options every_channel composer

test-postgres: $(VENV)/.test ## The same tests on PostgreSQL
	$(BIN)/pytest -n $(WORKERS) --database postgres $(TESTS) $(WALKS:%=--ignore tests/e2e/test_%.py)

test-real: $(VENV)/.test ## WordPress, Bluesky and a Mastodon mock for real, on this machine only; installs them into var/real (WordPress: apt)
	$(BIN)/pytest -n0 -vv -s -p no:randomly -o python_files='real_*.py' tests/real

browser: ## Chromium for the browser tests, from the system's packages where that is allowed
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq \
	       && apt-get install -y -qq --no-install-recommends chromium fonts-noto-color-emoji >/dev/null; } \
	  || { echo "Chromium is missing: install it with your system's packages, then run make test again."; exit 1; }

ffmpeg: ## The programs that prepare videos, from the system's packages where that is allowed
	@command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null \
	  || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq \
	       && apt-get install -y -qq --no-install-recommends ffmpeg >/dev/null; } \
	  || { echo "ffmpeg is missing: install it with your system's packages, then run make test again."; exit 1; }

lock: ## For developers: writes the hashed requirements files anew (needs uv)
	cd requirements && for name in run test; do \
	  uv --no-config pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    $$name.in -o $$name.txt; done

translations: $(VENV)/.test ## For developers: collects the words of the screen into the English catalogue
	$(BIN)/pybabel -q extract -F contentdesk/translations/babel.cfg -k "$$(cat contentdesk/translations/keywords.txt)" \
	  --no-location --sort-output -o $(VENV)/messages.pot .
	$(BIN)/pybabel -q update -i $(VENV)/messages.pot -d contentdesk/translations -l en \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

clean: ## Removes what was installed; keeps the data in var/
	rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "ContentDesk needs Python 3.11 or newer. Name it: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml $(wildcard contentdesk/translations/*/LC_MESSAGES/*.po) | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	$(BIN)/pybabel -q compile -d contentdesk/translations
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@
