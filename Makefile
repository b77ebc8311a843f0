# Only python3 (3.11 or newer) and make are needed; the rest is installed here, from the hashed locks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= demo

# Tests start hundreds of programs: each would compile all of ours again if it might not keep what it compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup setup-dev run test check client bench torture lock

setup: $(VENV)/.runtime
setup-dev: $(VENV)/.dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Lotproof needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "This python3 has no ensurepip. Fix: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.runtime: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: setup
	$(BIN)/lotproof run --home $(HOME_DIR)

# Tests write, sync and throw away gigabytes: in memory where there is enough of it and programs may run there.
SCRATCH = $(shell awk '/MemAvailable/ && $$2 > 10e6 {print "much"}' /proc/meminfo 2>/dev/null | grep -q much && \
  df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 6e6 {print "room"}' | grep -q room && \
  awk '$$2 == "/dev/shm" && $$4 ~ /rw/ && $$4 !~ /noexec/ {print $$2; exit}' /proc/mounts)

# The order of the files is that of tests/conftest.py: long ones first, so that no core ends alone.
test: setup-dev
	TMPDIR=$${TMPDIR:-$(SCRATCH)} $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A typed Python client of the API, in build/lotproof_client.
client: setup-dev
	@mkdir -p build
	$(BIN)/lotproof openapi --programs --out build/openapi.json
	$(BIN)/openapi-python-client generate --fail-on-warning --overwrite --meta none \
	  --path build/openapi.json --output-path build/lotproof_client --config tests/openapi_client.yml

bench: setup-dev
	$(BIN)/python -m tests.bench

torture: setup-dev
	$(BIN)/python -m tests.torture

# Makes the locks again; name no index in them.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml
lock:
	$(LOCK) --group build -o requirements.txt
	$(LOCK) --group build --group dev -o requirements-dev.txt
