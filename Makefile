# make figures · make test: each sets up .venv by itself, once, with what it needs: the exact versions of
# requirements-figures.lock; of requirements-test.lock, which has these and pytest; or, for make lint, of
# requirements.lock, which has all.

PYTHON ?= python3
CORES ?= 4
VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements-figures.lock requirements-test.lock requirements.lock
ready = $(VENV)/.ready-$(shell cksum $(1) | cut -d' ' -f1)
FIGURES_READY := $(call ready,requirements-figures.lock)
TEST_READY := $(call ready,requirements-test.lock)
READY := $(call ready,requirements.lock)
# Many containers set it. Each of a hundred jobs would compile the package again.
unexport PYTHONDONTWRITEBYTECODE
# Snakemake and pytest share out the cores themselves, and two targets would write the same .venv.
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help setup figures gallery report bench bench-page bench-pipeline laws train reproduce test test-fast \
  test-explorer test-machines test-package test-robustness test-slurm test-frameworks frameworks-page lock-frameworks lint format prune lock schema docs docs-output clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup-test test-oldest
setup-test: $(TEST_READY)

setup: $(READY)  ## make .venv with all that the targets need, and the command scheduled

# Each set-up adds to the one before: all that a smaller lock pins, the larger ones pin to the same.
$(FIGURES_READY): requirements-figures.lock
	$(call install,requirements-figures.lock)
	@touch $@

$(TEST_READY): requirements-test.lock requirements-figures.lock
	$(call install,requirements-test.lock)
	@touch $(FIGURES_READY) $@

$(READY): $(LOCKS)
	$(call install,requirements.lock)
	@touch $(FIGURES_READY) $(TEST_READY) $@

# With uv where it is installed. Libraries are compiled afterwards, on all cores: pip takes one. A module that
# this version of Python cannot compile is no error, as with pip.
define install
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ..."; exit 1; }
@test -e $(FIGURES_READY) || $(PYTHON) -m venv --clear $(VENV)
@rm -f $(VENV)/.ready-*
@if command -v uv >/dev/null; then \
  uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r $(1); \
else \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile \
    --require-hashes --no-deps -r $(1); \
fi
-@$(BIN)/python -W ignore -m compileall -qq -j 0 $(VENV)/lib
@printf '#!/bin/sh\nPYTHONPATH="%s/src" exec "%s/python" -m scheduled "$$@"\n' \
  "$(CURDIR)" "$(CURDIR)/$(BIN)" > $(BIN)/scheduled
@chmod +x $(BIN)/scheduled
endef

figures: $(FIGURES_READY)  ## every figure, from config and training logs (results/figures)
	$(BIN)/snakemake --cores $(CORES)

gallery: figures  ## results/gallery.png: every figure on one page
	$(BIN)/snakemake --cores $(CORES) results/gallery.png

report: $(FIGURES_READY)  ## results/report.html: claims, own runs, every figure with its source
	$(BIN)/snakemake --cores $(CORES) results/report.html

laws: $(FIGURES_READY)  ## figures of laws of loss curves, too (config/laws): fits take minutes
	$(BIN)/snakemake --cores $(CORES) \
	  --config 'questions=["config/experiments","config/runs","config/figures","config/laws"]'

train: $(FIGURES_READY)  ## train our own runs (hours), and write their logs to data/runs; installs PyTorch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train]'
	$(BIN)/snakemake --cores $(CORES) train

bench: $(TEST_READY)  ## time, memory and precision of the bounds, from 10^3 to 10^7 steps
	$(BIN)/python -m benchmarks

bench-page: $(TEST_READY)  ## the same, written to docs/benchmarks.md
	$(BIN)/python -m benchmarks --page > docs/benchmarks.md

bench-pipeline: $(TEST_READY)  ## time of the whole pipeline from scratch, by rule, on 2 cores (minutes)
	$(BIN)/python -m benchmarks pipeline

reproduce: $(TEST_READY)  ## run everything in clean clones and compare byte for byte (minutes)
	$(BIN)/scheduled project reproduce --cores $(CORES)

test: $(TEST_READY)  ## all tests but those of test-robustness
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not robustness'

test-fast: $(TEST_READY)  ## the unit tests only (under a minute), on made-up logs
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not robustness and not published' tests/unit src

test-machines: $(TEST_READY)  ## numerical tests and stored tables, rounded as on other processors; ONLY="haswell oldest"
	$(BIN)/python tests/machines.py $(if $(ONLY),--only $(ONLY)) $(if $(TESTS),--tests $(TESTS))

test-package: $(READY)  ## build the package, install it into an empty environment, and use it there
	$(BIN)/python tests/install.py

# Older libraries warn of one another; such warnings are no errors here.
test-oldest:  ## what the commands need, at the lower bounds of pyproject.toml (needs uv)
	uv venv --quiet --clear --python $(PYTHON) .venv-oldest
	uv pip install --quiet --python .venv-oldest/bin/python --resolution lowest-direct \
	  -r pyproject.toml --extra test
	.venv-oldest/bin/python -m pytest -n auto -W default -o filterwarnings= \
	  tests/unit/answers tests/unit/cli tests/unit/convert tests/unit/core tests/unit/runs tests/unit/schedules

test-robustness: $(TEST_READY)  ## kills, thousands of broken files, properties of many more examples (minutes)
	$(BIN)/python -m pytest -n auto -m 'robustness or hypothesis' --hypothesis-profile many

# marimo is in no lock: only this takes it.
test-explorer: $(TEST_READY)  ## the page of scheduled explore, in headless Chromium
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[app]'
	$(BIN)/python -m pytest -n 0 tests/unit/explore tests/browser/test_explorer_in_browser.py

# A cluster of this machine alone, which takes Debian's slurm-wlm, and root. PyTorch is as for make train.
test-slurm: $(TEST_READY)  ## train two small runs through Slurm, kill one, resume it, and compare bytes
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,slurm]'
	$(BIN)/python tests/slurm.py

FRAMEWORKS := .venv-frameworks
FRAMEWORKS_LOCK := tests/frameworks/requirements.lock
FRAMEWORKS_READY := $(FRAMEWORKS)/.ready-$(shell cksum $(FRAMEWORKS_LOCK) | cut -d' ' -f1)
CHECK_FRAMEWORKS := PYTHONPATH=src:tests $(FRAMEWORKS)/bin/python tests/frameworks/check.py

$(FRAMEWORKS_READY): $(FRAMEWORKS_LOCK)
	$(PYTHON) -m venv --clear $(FRAMEWORKS)
	$(FRAMEWORKS)/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(FRAMEWORKS)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --no-deps -r $(FRAMEWORKS_LOCK)
	@touch $@

test-frameworks: $(FRAMEWORKS_READY)  ## schedules in other frameworks' own libraries, step by step (minutes)
	$(CHECK_FRAMEWORKS)

frameworks-page: $(FRAMEWORKS_READY)  ## the same, and write docs/frameworks.md
	$(CHECK_FRAMEWORKS) --write

lock-frameworks:  ## update tests/frameworks/requirements.lock (needs uv)
	uv pip compile tests/frameworks/requirements.in --no-deps --upgrade --universal \
	  --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock-frameworks" -o $(FRAMEWORKS_LOCK)

lint: $(READY)  ## formatters, linters and types, changing nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check workflow
	$(BIN)/mypy --num-workers auto
	$(BIN)/codespell
	$(BIN)/snakemake --lint

format: $(READY)  ## format all code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt workflow

docs: $(READY)  ## the documentation site: results/site/index.html, with thumbnails after make figures
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

docs-output: $(TEST_READY)  ## write into the pages what the code on them prints
	$(BIN)/python tests/pages.py --write

prune: $(FIGURES_READY)  ## remove results that no configuration names any more
	$(BIN)/snakemake --cores 1 prune --config prune=remove

schema: $(TEST_READY)  ## write the JSON schemas of the YAML files from the models
	$(BIN)/scheduled project schema

COMPILE := uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --fork-strategy fewest \
  --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
  --custom-compile-command "make lock" --extra pipeline --extra pep --extra fast

lock: $(FIGURES_READY)  ## update requirements*.lock and environment.yml from pyproject.toml (needs uv)
	$(COMPILE) --extra test --extra dev --extra docs -o requirements.lock
	$(COMPILE) --extra test -c requirements.lock -o requirements-test.lock
	$(COMPILE) -c requirements.lock -o requirements-figures.lock
	$(BIN)/scheduled project environment

clean:  ## remove results and Snakemake's records (not the environment, not downloaded logs)
	if [ -d results ]; then find results -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +; fi
	rm -rf .snakemake
