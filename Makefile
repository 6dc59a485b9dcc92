# make run    serve carenav on this machine            make test   what every commit needs
# make demo   made-up cases and a staff user           make lint   style, types, import direction
#                                             make test-all   make test and the slow tests
# make drill  back up, restore into a fresh database, compare every row
# make lock   write requirements*.lock from requirements*.txt
# make audit  known vulnerabilities of the locked packages     make sbom   their list and licenses, as sbom.json (CycloneDX)
# make reading    how hard the texts are to read: the hardest ten of each kind, in each language
# make messages   new words of the pages into locale/, and what lacks a translation (docs/languages.md)
# make lengths    how long the results of forty people are, into docs/result-lengths.md
# make screenshots   a picture of every page in every state, in screenshots/
# Tried on Linux; written for macOS (GNU make 3.81) too, untried there.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && echo $$python && break; done)
FREE_PORT = $(shell .venv/bin/python -c 'import socket; \
  print(next(p for p in range(8000, 9000) if socket.socket().connect_ex(("127.0.0.1", p))))')
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: run demo drill test test-all lint lock audit sbom lengths messages reading screenshots

run: .venv/runtime .env
	@$(PY) manage.py migrate --verbosity 0
	@port=$(or $(PORT),$(FREE_PORT)); echo "carenav: http://127.0.0.1:$$port/ (Ctrl-C stops it)"; \
	  PYTHONUNBUFFERED=1 exec $(PY) manage.py runserver $$port

demo: .venv/runtime .env
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py demo

drill: .venv/runtime .env
	@$(PY) manage.py drill

STAGES = $(PY) tests/support/stages.py
LINT = "ruff check" "$(PY) -m ruff check ." "ruff format" "$(PY) -m ruff format --check ." "mypy" "$(PY) -m mypy" \
  "imports" ".venv/bin/lint-imports"
lint: .venv/dev
	@$(STAGES) $(LINT)

# The engine needs no database and the browser tests only one: both are run once.
ON_SQLITE = DATABASE_URL= $(PY) -m pytest -q -n auto
ON_POSTGRES = $(PY) tests/support/postgres.py $(PY) -m pytest -q -n auto --ignore=tests/browser --ignore=tests/engine
# Where a database server may do something else than SQLite: locks, constraints, triggers, time limits, searches.
SERVER_TESTS = tests/test_batches.py tests/test_patience.py tests/test_server_log.py tests/backup \
  $(addprefix tests/desk/test_,$(addsuffix .py,audit crowd flood strangers indexes next_steps notifications queues retention two_people)) \
  $(addprefix tests/recommend/test_,$(addsuffix .py,erasing programs)) \
  $(addprefix tests/backup/test_,$(addsuffix .py,drill postgres_programs restore)) \
  $(addprefix tests/intake/test_,$(addsuffix .py,limits purge queries))
test: .venv/dev
	$(PY) tests/support/system.py
	@$(STAGES) $(LINT) "tests on SQLite" "$(ON_SQLITE) -m 'not slow' --ignore=tests/browser" \
	  "tests on PostgreSQL" "$(ON_POSTGRES) -m 'not slow' $(SERVER_TESTS)" \
	  "tests in a browser" "$(ON_SQLITE) -m 'not slow' tests/browser"

# Everything, the slow tests too: before an issue is called resolved.
test-all: export THOROUGH = yes
test-all: .venv/dev
	$(PY) tests/support/system.py
	@$(STAGES) $(LINT) "tests on SQLite" "$(ON_SQLITE) --ignore=tests/browser" \
	  "tests on PostgreSQL" "$(ON_POSTGRES) -m 'not slow'" "slow tests on PostgreSQL" "$(ON_POSTGRES) -m slow $(SERVER_TESTS)" \
	  "tests in a browser" "$(ON_SQLITE) tests/browser"

# Takes its pictures while it tests: a picture of a page that fails shows why. `make test` takes none.
PICTURED = pages sheet paper staff staff_pages desk
screenshots: .venv/dev
	$(PY) tests/support/system.py
	SCREENSHOTS=yes DATABASE_URL= $(PY) -m pytest -q -n auto $(PICTURED:%=tests/browser/test_%.py)

lengths: .venv/dev
	WRITE_LENGTHS=yes DATABASE_URL= $(PY) -m pytest -q tests/browser/test_forty_people.py

messages: .venv/runtime
	@$(PY) -m carenav.plumbing.i18n.messages

reading: .venv/dev
	@DATABASE_URL= $(PY) -m pytest -q -s tests/test_reading_levels.py -k everything

# "Error 1": a known vulnerability. "Error 2": not everything could be looked up, so nobody knows.
audit: .venv-tools/made
	@$(PYTHON) tests/support/audit.py .venv-tools/bin/pip-audit requirements.lock requirements-dev.lock requirements-tools.lock

# Out of an environment that has what production has, and nothing else.
sbom: .venv-tools/made
	rm -rf .venv-sbom && $(PYTHON) -m venv --without-pip .venv-sbom
	.venv-tools/bin/python -m pip --python .venv-sbom/bin/python install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv-tools/bin/cyclonedx-py environment --spec-version 1.6 --output-reproducible -o sbom.json .venv-sbom
	@$(PYTHON) tests/support/licenses.py sbom.json

.venv-tools/made: requirements-tools.lock
	$(PYTHON) -m venv .venv-tools
	.venv-tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@touch $@

.venv/runtime: requirements.lock
	@test -n "$(PYTHON)" || { echo "carenav needs Python 3.11, 3.12, 3.13 or 3.14; none was found" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make a virtual environment; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv
	$(PIP) -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock | .venv/runtime
	$(PIP) -r requirements-dev.lock
	@touch $@

# The keys of this copy; never written over.
.env: | .venv/runtime
	@umask 077; $(PY) -c 'import secrets; from cryptography.fernet import Fernet; \
	  print(f"SECRET_KEY={secrets.token_urlsafe(50)}"); \
	  [print(f"{name}={Fernet.generate_key().decode()}") for name in ("FIELD_KEYS", "BACKUP_KEY")]' > .env.new
	@mv .env.new .env

# One lock for Python 3.11 to 3.14 on every system: hashes, no index address.
LOCK = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: .venv/dev
	$(PY) -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(LOCK) requirements.txt -o requirements.lock
	$(LOCK) requirements-dev.txt -c requirements.lock -o requirements-dev.lock
	$(LOCK) requirements-tools.txt -o requirements-tools.lock
