# make figures · make test: each sets up .venv by itself, from requirements.lock, once.

PYTHON ?= python3
CORES ?= 4
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready-$(shell cksum requirements.lock | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: help setup figures gallery report bench bench-pipeline laws train reproduce test test-fast \
  test-machines test-robustness test-frameworks frameworks-page lock-frameworks lint format prune lock schema clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## make .venv: the exact versions of requirements.lock, and the command scheduled

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --no-deps -r requirements.lock
	@printf '#!/bin/sh\nPYTHONPATH="%s/src" exec "%s/python" -m scheduled "$$@"\n' \
	  "$(CURDIR)" "$(CURDIR)/$(BIN)" > $(BIN)/scheduled
	@chmod +x $(BIN)/scheduled
	@touch $@

figures: $(READY)  ## every figure, from config and training logs (results/figures)
	$(BIN)/snakemake --cores $(CORES)

gallery: figures  ## results/gallery.png: every figure on one page
	$(BIN)/snakemake --cores $(CORES) results/gallery.png

report: $(READY)  ## results/report.html: claims, own runs, every figure with its source
	$(BIN)/snakemake --cores $(CORES) results/report.html

laws: $(READY)  ## figures of laws of loss curves, too (config/laws): fits take minutes
	$(BIN)/snakemake --cores $(CORES) \
	  --config 'questions=["config/experiments","config/runs","config/figures","config/laws"]'

train: $(READY)  ## train our own runs (hours), and write their logs to data/runs; installs PyTorch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train]'
	$(BIN)/snakemake --cores $(CORES) train

bench: $(READY)  ## time, memory and precision of the bounds, from 10^3 to 10^7 steps
	$(BIN)/python -m benchmarks

bench-pipeline: $(READY)  ## time of the whole pipeline from scratch, by rule, on 2 cores (minutes)
	$(BIN)/python -m benchmarks pipeline

reproduce: $(READY)  ## run everything in clean clones and compare byte for byte (minutes)
	$(BIN)/scheduled project reproduce --cores $(CORES)

test: $(READY)  ## all tests but those of test-robustness
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not robustness'

test-fast: $(READY)  ## the unit tests only (about a minute)
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not workflow and not robustness'

test-machines: $(READY)  ## numerical tests and stored tables, rounded as on other processors; ONLY="haswell oldest"
	$(BIN)/python tests/machines.py $(if $(ONLY),--only $(ONLY)) $(if $(TESTS),--tests $(TESTS))

test-robustness: $(READY)  ## kills, thousands of broken files, properties of many more examples (minutes)
	$(BIN)/python -m pytest -n auto -m 'robustness or hypothesis' --hypothesis-profile many

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
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/snakemake --lint

format: $(READY)  ## format all code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt workflow

prune: $(READY)  ## remove results that no configuration names any more
	$(BIN)/snakemake --cores 1 prune --config prune=remove

schema: $(READY)  ## write the JSON schemas of the YAML files from the models
	$(BIN)/scheduled project schema

lock: $(READY)  ## update requirements.lock from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra dev --upgrade --universal --python-version 3.11 \
	  --fork-strategy fewest --generate-hashes --no-annotate --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock
	$(BIN)/scheduled project environment

clean:  ## remove results and Snakemake's records (not the environment, not downloaded logs)
	if [ -d results ]; then find results -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +; fi
	rm -rf .snakemake
