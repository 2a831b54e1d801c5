# `make` lists the targets. Everything runs inside .venv, which `make setup` makes from the lock file.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup verify mutate test fmt lint types imports check lock schemas reference correlations docs snapshots conformance live clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## install everything into .venv, as the lock file says

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q sigmaproof
	@touch $@

verify: setup ## the main job: every rule, in itself and in every target, on every labelled case
	@$(BIN)/sigmaproof test

mutate: setup ## what the fixtures hold in place: every rule is to kill 95 % of its mutants
	@$(BIN)/sigmaproof mutate --threshold 95

test: setup ## the tests
	@$(BIN)/python -m pytest -n auto

fmt: setup ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .

lint: setup ## formatting and lint
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: setup ## mypy, strict
	@$(BIN)/mypy

imports: setup ## imports go one way
	@$(BIN)/lint-imports

check: test verify mutate lint types imports ## all that CI runs

conformance: setup ## our own conformance cases, per language and group
	@$(BIN)/sigmaproof conformance tests/languages/*/c*.ndjson

live: setup ## the fixtures and cases on a real OpenSearch and Elasticsearch; ENGINES="opensearch=2.19.6" CASES="FILE"
	@$(BIN)/python engines/check.py $(ENGINES) $(CASES:%=--cases %)

schemas: setup ## write schemas/ from the models
	@$(BIN)/python -m sigmaproof.load.schemas
	@$(BIN)/python -m sigmaproof.index.schemas

reference: setup ## write docs/reference/ from the command line and the schemas
	@$(BIN)/python tools/reference.py

correlations: setup ## write the table of docs/correlations.md: targets by type of correlation, as `prove` finds it
	@$(BIN)/python tests/judge/correlation_table.py

docs: $(VENV)/.docs ## build the documentation into site/, strictly and without a network
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict

$(VENV)/.docs: $(STAMP) requirements-docs.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $@

snapshots: setup ## accept the present output of every screen as right
	@$(BIN)/python -m pytest --snapshot-update

lock: setup ## resolve the dependencies anew and write the lock file
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	@$(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --extra dev --extra live \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	  --output-file requirements.lock pyproject.toml
	@$(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --extra docs -c requirements.lock \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	  --output-file requirements-docs.lock pyproject.toml

clean: ## remove what the targets made
	rm -rf $(VENV) build dist site engines/*/build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
