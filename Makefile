# make run    the portal on http://127.0.0.1:8000 (PORT= changes it)
# make test   everything that must hold
PYTHON ?=
PORT ?= 8000
PY := .venv/bin/python
# What a server in production is told; nothing listens there, the checks only read settings.
PRODUCTION := env -u DEBUG DEMO=0 DATABASE_URL=postgres://portal@127.0.0.1:1/portal \
	ALLOWED_HOSTS=portal.example SITE_URL=https://portal.example \
	SECRET_KEY=only-for-checks-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ \
	FIELD_KEYS=1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= \
	INDEX_KEY=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=

.PHONY: setup setup-dev run stop test lint bench chaos load lock

setup:
	@PYTHON='$(PYTHON)' .ci/setup requirements.txt

setup-dev:
	@PYTHON='$(PYTHON)' .ci/setup requirements-dev.txt

run: setup
	@exec env PORT='$(PORT)' $(PY) manage.py serve

stop:
	@$(PY) -m cilegon_portal.database stop

test: setup-dev lint
	@$(PY) -m tests.browser.chromium
	@$(PY) -m pytest -n 2 $(ARGS)

lint: setup-dev
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PRODUCTION) $(PY) -m mypy
	$(PY) .venv/bin/lint-imports --no-logo
	$(PY) -m djlint --quiet --lint --check templates
	$(PY) -m bandit --quiet --configfile pyproject.toml --recursive -ll cilegon_portal participants employers
	$(PRODUCTION) $(PY) -W ignore manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PY) -W error manage.py check --deploy --fail-level WARNING

bench: setup-dev
	@$(PY) -m tests.bench $(ARGS)

chaos: setup-dev
	@$(PY) -m tests.browser.chromium
	@$(PY) -m tests.chaos $(ARGS)

load: setup-dev
	@PORT='$(PORT)' $(PY) -m tests.bench.load $(ARGS)

lock: setup-dev
	$(PY) -m uv pip compile pyproject.toml --extra dev --generate-hashes --universal \
		--no-emit-index-url --no-emit-find-links -o requirements-dev.txt
	$(PY) -m uv pip compile pyproject.toml --generate-hashes --universal \
		--no-emit-index-url --no-emit-find-links -c requirements-dev.txt -o requirements.txt
