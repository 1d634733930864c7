# Every task of the project. Needs only make and Python 3.11 or newer; whatever else it needs goes into .venv.
# Each step of the set-up leaves a stamp, so that the second time nothing is installed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test check docs bench clean

BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check --no-input
TORCH_CPU := https://download.pytorch.org/whl/cpu

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/base.stamp ## virtual patients, a system trained and judged on them, a report
	@$(BIN)/myoperf demo

test: .venv/test.stamp ## run the tests, two at a time
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/check.stamp ## format, lint, types, floors
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: .venv/docs.stamp ## build the documentation into site/
	@$(BIN)/python docs/make_recipes.py
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html"

bench: .venv/base.stamp build/bench/cohort.csv ## speed and accuracy figures that take minutes
	@for file in bench/*.py; do \
	  case "$$file" in */quantify.py) on=build/bench/cohort.csv ;; *) on= ;; esac; \
	  echo "== $$file"; $(BIN)/python "$$file" $$on || exit 1; \
	done

clean: ## remove .venv, caches and everything built
	@rm -rf .venv site docs/recipes build dist demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find src tests docs bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

build/bench/cohort.csv: | .venv/base.stamp
	@$(BIN)/myoperf phantom -o build/bench --patients 96 --quiet

# The user's own python3 first, then the named versions; it must be able to make an environment with pip in it.
.venv/made.stamp:
	@for name in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	  if $$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "make: Python 3.11 or newer with venv and pip is needed and was not found; install it (Debian, Ubuntu: python3 and python3-venv)" >&2; exit 1; fi; \
	echo "Setting up .venv with $$($$python --version) ..."; \
	$$python -m venv .venv && touch $@

# On Linux without an NVIDIA card the processor-only torch saves gigabytes; where its index is out of reach, the usual one serves.
.venv/base.stamp: .venv/made.stamp pyproject.toml
	@echo "Installing myoperf ..."
	@if [ "$$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null 2>&1 && ! ls .venv/lib/python3*/site-packages/torch/version.py >/dev/null 2>&1; then \
	  $(PIP) --no-deps --retries 0 --timeout 20 --extra-index-url $(TORCH_CPU) 'torch>=2.6,<2.14' >/dev/null 2>&1 || true; \
	fi
	@$(PIP) -e .
	@touch $@

# mypy reads the tests too, so the checks need what the tests import
.venv/test.stamp: EXTRA = test
.venv/check.stamp: EXTRA = check,test
.venv/docs.stamp: EXTRA = docs
.venv/test.stamp .venv/check.stamp .venv/docs.stamp: .venv/base.stamp
	@echo "Installing the tools: $(EXTRA) ..."
	@$(PIP) -e '.[$(EXTRA)]'
	@touch $@
