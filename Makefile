# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Every target first brings .venv up to date (tools/setup.py), then runs inside it, with HOME below build/.
RUN := sh tools/run.sh
PORT ?= 5577
SPEED ?= 1
APP ?= examples/storefront
FLEET ?= 6
REGIONS ?= eu-central-1,us-east-1
KEEP ?=
STEPS ?=
# Values go through the environment, so that a path with spaces or quotes stays one value.
export APP FLEET REGIONS KEEP

.PHONY: help demo test quick lint sanity emulator bench build format contents clean setup

help: ## This list
	@echo "slipway.aws: what make can do here"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

demo: ## The main job, told as it goes, against an emulator (APP=folder FLEET=6 REGIONS=a,b KEEP=1)
	@$(RUN) python -B tools/demo.py "$$APP" --fleet "$$FLEET" --regions "$$REGIONS" $(if $(KEEP),--keep)

test: ## Everything that is checked (STEPS="unit mypy" for some of it)
	@$(RUN) python -B tools/check.py $(STEPS)

quick: ## Two minutes while you work: format, linters, types, and the unit and emulator tests of what changed
	@$(RUN) ruff format -q .
	@$(RUN) python -B tools/check.py --group quick

lint: ## Formatting, linters, types, documentation and changelog
	@$(RUN) python -B tools/check.py --group lint

sanity: ## The complete ansible-test sanity
	@$(RUN) python -B tools/check.py sanity

emulator: ## An emulator in the foreground (PORT=5577 SPEED=1)
	@$(RUN) python -B tools/emulator.py --port $(PORT) --speed $(SPEED)

bench: ## Benchmarks of tests/benchmarks
	@$(RUN) python -B tests/benchmarks/push

build: ## The tarball of the collection, from what git tracks, in build/collection
	@$(RUN) python -B tools/tarball.py

format: ## Let ruff format the Python files and mend what it can
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .

contents: ## Write the README's tables and the action group from the files
	@$(RUN) python -B tools/contents.py

setup: ## Only bring .venv up to date
	@$(RUN)

clean: ## Remove .venv, build and every cache
	@rm -rf .venv build .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
