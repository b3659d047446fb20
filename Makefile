# A fresh machine needs only make and Python 3.11 or newer: `make demo`.

PYTHON ?= python3
# One worker runs all tests of a module that has servers.
PYTEST_ARGS ?= -n auto --dist loadgroup
# `make test` takes samples of the failure tests, `make chaos` runs them this often.
CHAOS_ROUNDS ?= 20
CHAOS_SEEDS ?= 500

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK_VENV := .venv-lock
# Pinned so that a relock changes the dependencies, not the tool that resolves them.
UV_VERSION := 0.13.9

# Checks cover the packages that exist; contracts between packages need all of them.
ALL_PACKAGES := schemas bus adapters consumers ops
PACKAGES := $(patsubst %/__init__.py,%,$(wildcard $(ALL_PACKAGES:%=%/__init__.py)))
MISSING := $(filter-out $(PACKAGES),$(ALL_PACKAGES))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install dev stack demo demo-stack test chaos bench check fmt fmt-check lint types contracts compose lock clean python-version

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: .venv/.installed  ## create .venv with the locked dependencies and the grms command

stack: .venv/.installed-stack  ## add real Kafka and PostgreSQL to .venv, for grms stack

dev: .venv/.installed-dev  ## add the locked developer tools to .venv

demo: install  ## run the demonstration
	@$(BIN)/grms demo

demo-stack: stack  ## the same on Kafka, PostgreSQL and Faust workers, which it starts and stops
	@$(BIN)/grms demo --stack --home .grms-demo-stack

test: dev  ## run every test, doctests too (PYTEST_ARGS adds options)
	@$(BIN)/python -m pytest --doctest-modules $(PYTEST_ARGS) tests $(PACKAGES)

chaos: dev  ## run the failure tests whole, a line for each
	@CHAOS_ROUNDS=$(CHAOS_ROUNDS) CHAOS_SEEDS=$(CHAOS_SEEDS) $(BIN)/python -m pytest -m chaos -v --durations=0 $(PYTEST_ARGS) tests

bench: stack  ## measure throughput and latency
	@$(BIN)/python -m ops.bench

check: fmt-check lint types contracts  ## formatting, lint, types and import contracts; changes nothing

fmt: dev  ## format the code and apply the safe lint fixes
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

fmt-check: dev
	@$(BIN)/ruff format --check .

lint: dev  ## lint the code
	@$(BIN)/ruff check .

types: dev  ## check the types
ifeq ($(PACKAGES),)
	@echo "types: skipped, no package exists yet"
else
	@$(BIN)/python -m mypy $(PACKAGES:%=--package %)
endif

contracts: dev  ## check which package may import which
ifeq ($(MISSING),)
	@$(BIN)/lint-imports
else
	@echo "contracts: skipped, these packages do not exist yet: $(MISSING)"
endif

compose: install  ## write ops/deploy/compose.yaml from the table of broker settings
	@$(BIN)/python -m ops.deploy.compose

lock: python-version  ## resolve the newest dependencies into the hashed lock files
	@test -x $(LOCK_VENV)/bin/uv || $(PYTHON) -m venv $(LOCK_VENV)
	@$(LOCK_VENV)/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
	@for name in requirements requirements-stack requirements-dev; do \
	  $(LOCK_VENV)/bin/uv pip compile --universal --python-version 3.11 --upgrade --quiet \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --no-config \
	    --custom-compile-command "make lock" \
	    --output-file $$name.lock $$name.in || exit 1; \
	done

clean:  ## remove .venv, caches and builds; keeps .grms* data
	@rm -rf .venv $(LOCK_VENV) build dist *.egg-info
	@rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find $(ALL_PACKAGES) tests -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

python-version:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "This project needs Python 3.11 or newer, and $(PYTHON) is not." >&2; \
	  echo "Install one and name it: make install PYTHON=python3.12" >&2; exit 1; }

.venv/.installed: requirements.lock pyproject.toml | python-version
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-stack: requirements-stack.lock .venv/.installed
	@$(PIP) install --require-hashes --requirement requirements-stack.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@
