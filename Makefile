# make lab        the lessons in JupyterLab
# make test       everything CI checks
# make notebooks  run the lessons again and save what they show
# make bench      what it costs, beside other programs
#
# All of it happens in .venv, which is made when it is missing and brought up to date when pyproject.toml changes.
# PYTHON=python3.12 names another Python; OPTIONS=--no-browser starts JupyterLab and prints where it is.

BIN := .venv/bin
LESSONS := $(wildcard notebooks/*.ipynb)

.PHONY: help lab test notebooks bench

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

lab: .venv/lab.stamp
	@$(BIN)/labsip lab $(OPTIONS) notebooks

test: .venv/test.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-cell-timeout=60 \
		--nbval-sanitize-with=tests/sanitize.cfg tests $(LESSONS)

notebooks: .venv/test.stamp
	$(BIN)/python tools/notebooks.py $(LESSONS)

bench: .venv/test.stamp
	@for script in bench/*.py; do echo "$$script"; $(BIN)/python $$script || exit 1; done

.venv/lab.stamp .venv/test.stamp: pyproject.toml tools/environment.sh
	@sh tools/environment.sh $(basename $(@F))
	@touch $@
