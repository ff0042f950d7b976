# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Every target first brings .venv up to date (tools/setup.py), then runs inside it, with HOME below build/.
RUN := sh tools/run.sh
PORT ?= 5577
SPEED ?= 1
APP ?= examples/storefront
FLEET ?=
STORY ?= main
REGIONS ?= eu-central-1,us-east-1
KEEP ?=
BENCH ?= push
STEPS ?=
# Values go through the environment, so that a path with spaces or quotes stays one value.
export APP FLEET REGIONS KEEP STORY NAME CONFIG HOOK

.PHONY: help demo test quick lint sanity emulator bench build format contents clean setup

help: ## Show this list
	@echo "Targets of make in this repository:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

demo: ## Run a story step by step against an emulator (STORY=main|packages|lambda|ecs|bluegreen|immutable APP=directory FLEET=6 REGIONS=a,b NAME=web CONFIG=... HOOK=... KEEP=1)
	@$(RUN) python -B tools/demo.py "$$APP" --story "$$STORY" $(if $(FLEET),--fleet "$$FLEET") --regions "$$REGIONS" $(if $(NAME),--name "$$NAME") $(if $(CONFIG),--config "$$CONFIG") $(if $(HOOK),--hook "$$HOOK") $(if $(KEEP),--keep)

test: ## Run all checks (STEPS="unit mypy" for some of them)
	@$(RUN) python -B tools/check.py $(STEPS)

quick: ## Two minutes while you work: format, lint, check types, run the unit and emulator tests of what changed
	@$(RUN) ruff format -q .
	@$(RUN) python -B tools/check.py --group quick

lint: ## Check formatting, types, documentation and changelog, and run the linters
	@$(RUN) python -B tools/check.py --group lint

sanity: ## Run the complete ansible-test sanity
	@$(RUN) python -B tools/check.py whole-sanity

emulator: ## Start an emulator in the foreground (PORT=5577 SPEED=1)
	@$(RUN) python -B tools/emulator.py --port $(PORT) --speed $(SPEED)

bench: ## Run a benchmark of tests/benchmarks (BENCH=push or tasks)
	@$(RUN) python -B tests/benchmarks/$(BENCH)

build: ## Build the tarball of the collection in build/collection, from the files that git tracks
	@$(RUN) python -B tools/tarball.py

format: ## Format the Python files with ruff and apply its automatic fixes
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .

contents: ## Update the tables of the README and the action group from the files
	@$(RUN) python -B tools/contents.py

setup: ## Only update .venv
	@$(RUN)

clean: ## Remove .venv, build and all caches
	@rm -rf .venv build .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
