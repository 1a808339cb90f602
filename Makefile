# make lab        the lessons in JupyterLab
# make test       everything CI checks
# make pythons    the tests that need no other program, on each other Python from 3.11 on that is here
# make notebooks  run the lessons again and save what they show
# make bench      what it costs, beside other programs
# make soak       a thousand calls at once on a bad line while phones crash, in virtual time and on real sockets
# make fuzz       damaged messages, captures and configurations for those that read them, guided by coverage, ten minutes each
#
# All of it happens in .venv, which is made when it is missing and brought up to date when pyproject.toml changes.
# PYTHON=python3.12 names another Python; OPTIONS=--no-browser starts JupyterLab and prints where it is,
# OPTIONS="--seed 7" has another soak.

BIN := .venv/bin
# hundreds of tests start a Python, and each would compile the package again
unexport PYTHONDONTWRITEBYTECODE
LESSONS := $(wildcard notebooks/*.ipynb)

.PHONY: help lab test pythons notebooks bench soak fuzz

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

lab: .venv/lab.stamp
	@$(BIN)/labsip lab $(OPTIONS) notebooks

test: .venv/test.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n3 --dist=loadfile --nbval --nbval-current-env --nbval-cell-timeout=60 \
		--nbval-sanitize-with=tests/sanitize.cfg tests $(LESSONS)

pythons: .venv/test.stamp
	@$(BIN)/python tools/pythons.py $(OPTIONS)

notebooks: .venv/test.stamp
	$(BIN)/python tools/notebooks.py $(LESSONS)

bench: .venv/test.stamp
	@for script in bench/*.py; do echo "$$script"; $(BIN)/python $$script || exit 1; done

soak: .venv/test.stamp
	$(BIN)/python -m tests.soak virtual $(OPTIONS)
	$(BIN)/python -m tests.soak live $(OPTIONS)

fuzz: .venv/fuzz.stamp
	@mkdir -p build/fuzz build/fuzz-pcap build/fuzz-cfg
	$(BIN)/python -m tests.torture.fuzz -max_total_time=600 -max_len=4096 build/fuzz tests/torture
	$(BIN)/python -m tests.pcap.fuzz -max_total_time=600 build/fuzz-pcap data/pcaps
	$(BIN)/python -m tests.dialects.cfg.fuzz -max_total_time=600 -max_len=4096 build/fuzz-cfg

.venv/lab.stamp .venv/test.stamp .venv/fuzz.stamp: pyproject.toml tools/environment.sh
	@sh tools/environment.sh $(basename $(@F))
	@touch $@
