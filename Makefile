# One environment (.venv) for everything; peers get one of their own because they pin packages.

PYTHON ?= python3
VENV ?= .venv
PEERS := .venv-peers
WORKERS ?= 2
TESTS ?=
MUTANTS ?= 100000
SEED ?= 0
OUT ?=
DATA := ../shared/data

ifneq ($(wildcard $(DATA)/.),)
export HEBBAYES_REFERENCE_DATA ?= $(abspath $(DATA))
export HEBBAYES_REQUIRE_REFERENCE ?= 1
endif

# Many processes import the same modules: byte code is written once, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test thorough fuzz lint bench clean
.SECONDARY:

setup: $(VENV)/.developing

demo: $(VENV)/.installed
	$(VENV)/bin/hebbayes demo $(if $(OUT),--out $(OUT))

test: $(VENV)/.developing
	$(VENV)/bin/pytest -q -n $(WORKERS) --dist loadfile -m "not slow and not thorough" $(TESTS)

thorough: $(VENV)/.developing
	$(VENV)/bin/pytest -q -n $(WORKERS) --dist loadfile -m thorough tests

fuzz: $(VENV)/.developing
	$(VENV)/bin/python -m tests.fuzz.campaign --mutants $(MUTANTS) --seed $(SEED) --keep runs/fuzz
	$(VENV)/bin/python -m tests.fuzz.derive_strings --strings 1000 --seed $(SEED)

lint: $(VENV)/.developing
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(PEERS)/.peers
	$(PEERS)/bin/hebbayes bench maze --peers

clean:
	rm -rf .venv .venv-* dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Byte code is left to the first import of each module: most modules are never imported.
%/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
	  "hebbayes needs Python 3.11 or newer; name one, as in: make setup PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv --clear $*
	$*/bin/pip install --quiet --no-compile --upgrade "pip>=25.1"
	$*/bin/pip install --quiet --no-compile --editable .
	touch $@

%/.developing: %/.installed
	$*/bin/pip install --quiet --no-compile --group dev
	touch $@

%/.peers: %/.installed
	$*/bin/pip install --quiet --no-compile --group peers
	touch $@
