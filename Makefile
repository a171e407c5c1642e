# Everything a developer does here, from an empty machine on. `make help` lists it.
#
# Each step leaves a stamp and is done again only when what it came from has changed. Settings: PYTHON=<interpreter>,
# PORT=<port of the demo>, WORKERS=<test processes>, and T=<pytest arguments> for `make test-only`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
WORK := .work
BIN := $(VENV)/bin
PORT ?= 8080
WORKERS ?= 2
T ?= tests

# The first interpreter on the PATH that is new enough. Empty: `setup` says what is missing.
PYTHON ?= $(shell for name in python3 python python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$name"; break; }; done)

UI_SOURCES := $(shell find modeler-ui bpmn/extensions.json -name node_modules -prune -o -type f -print 2>/dev/null)
UI := api/static/index.html
INSTALLED := $(VENV)/.installed

.PHONY: help setup ui demo dev test test-only lint types format bench clean

help: ## list these targets
	@echo "Signalbox: make <target>"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "A fresh machine needs Python 3.11 or newer and make. Two commands to know: make demo, make test."

setup: $(INSTALLED) ## create .venv with everything in it, at the exact versions of constraints.txt

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { \
		echo "Signalbox needs Python 3.11 or newer, and none is on the PATH."; \
		echo "Install it (Debian 12, Ubuntu 24.04 or newer: sudo apt-get install python3 python3-venv), or name one:"; \
		echo "    make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) comes without its venv module. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@echo "[setup] a virtual environment in $(VENV), with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(INSTALLED): $(VENV)/bin/python setup.cfg setup.py pyproject.toml constraints.txt client/setup.cfg
	@echo "[setup] packages at the versions of constraints.txt (the first time this takes a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt setuptools
	@SKIP_UI=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--editable '.[dev]' --editable ./client
	@touch $@

ui: $(UI) ## build the browser app into api/static (fetches Node from PyPI if none is installed)

$(UI): $(UI_SOURCES) setup.py | $(INSTALLED)
	@echo "[ui] the browser app (the first time this takes about a minute)"
	@$(BIN)/python setup.py --quiet build_ui --force --fetch-node
	@touch $@

demo: $(INSTALLED) $(UI) ## set up and serve with examples, demo people and a demo worker (keeps its data in .work/demo)
	@exec $(BIN)/signalbox demo --port $(PORT)

dev: $(INSTALLED) $(UI) ## the demo's server, and beside it Vite, which reloads the page at every change of modeler-ui
	@trap 'kill 0' EXIT; $(BIN)/signalbox demo --port $(PORT) & \
		$(BIN)/python setup.py --quiet build_ui --fetch-node --script dev

lint: $(INSTALLED) ## ruff, and the import contracts of setup.cfg
	@echo "[lint] ruff"
	@$(BIN)/ruff check .
	@echo "[lint] import contracts"
	@mkdir -p $(WORK)
	@$(BIN)/lint-imports --config setup.cfg --cache-dir $(WORK)/import_linter >$(WORK)/lint-imports.txt 2>&1 || { cat $(WORK)/lint-imports.txt; exit 1; }
	@tail -n 3 $(WORK)/lint-imports.txt

types: $(INSTALLED) ## mypy --strict, and TypeScript's check of the browser app
	@echo "[types] mypy --strict"
	@$(BIN)/mypy
	@echo "[types] TypeScript"
	@$(BIN)/python setup.py --quiet build_ui --fetch-node --script types

format: $(INSTALLED) ## ruff's formatter, over all of it
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

test: $(INSTALLED) $(UI) ## lint, types and every test: both databases, the wheel, a real browser
	@.ci/system-parts
	@$(MAKE) lint
	@$(MAKE) types
	@mkdir -p $(WORK)/coverage
	@rm -f $(WORK)/coverage/data*
	@echo "[test] everything but the browser, on $(WORKERS) processes, with line coverage"
	@export PYTEST_DEBUG_TEMPROOT=$$(.ci/fast-folder); $(BIN)/pytest tests --ignore=tests/ui -q -n $(WORKERS) --dist worksteal \
		--cov --cov-report=term --cov-fail-under=90
	@echo "[test] the browser"
	@$(BIN)/python setup.py --quiet build_ui --script test
	@export PYTEST_DEBUG_TEMPROOT=$$(.ci/fast-folder); $(BIN)/pytest tests/ui -q

test-only: $(INSTALLED) ## just some tests: make test-only T="tests/engine -k join"
	@$(BIN)/pytest $(T)

bench: $(INSTALLED) $(UI) ## measure: process P over HTTP and in process, start time, memory, size (docs/benchmarks.md)
	@$(BIN)/python -m bench

clean: ## remove what was made: the environment, the built browser app, caches, the demo's data
	@rm -rf $(VENV) $(WORK) api/static build dist *.egg-info client/*.egg-info client/build modeler-ui/node_modules \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*
