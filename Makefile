# The two commands of the README are `make demo` and `make test`; `make install` is what each of them does first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install demo test test-all check compiled bench soak lock clean

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "strangler needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 3; }
	@echo "==> making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@echo "==> installing the pinned, hash-checked dependencies (about a minute)"
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.lock
	@echo "==> installing the command strangler"
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: install
	@$(BIN)/strangler demo

test: install
	@$(BIN)/python -m pytest -m "not slow"

test-all: install
	@STRANGLER_STATED=1 $(BIN)/python -m pytest

check: install
	@echo "==> ruff: lint and format"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "==> mypy --strict"
	@$(BIN)/mypy
	@echo "==> import contract"
	@$(BIN)/lint-imports

compiled: install
	@$(BIN)/python -m benchmarks.install

bench: install
	@$(BIN)/python -m benchmarks --install

soak: install
	@$(BIN)/python -m benchmarks.soak

lock:
	@$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --extra demo --extra dev \
		--no-header --custom-compile-command "make lock" --quiet --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .cache build ./*.egg-info
