# Everything one does with Frontdesk, by name. It needs make, Python 3.11 to 3.13 with venv, and a package
# index; PYTHON names a Python that is not found by itself: make run PYTHON=/path/to/python3.12

DEV = .venv-dev/bin/python
PYTEST = rm -f .covered/$@.*; $(DEV) -m coverage run --data-file=.covered/$@ -m pytest
HERE = not emulators and not browser and not livekit
COMPILE = $(DEV) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make locks'
LOCK = $(COMPILE) pyproject.toml
SPOKEN = --extra voice --extra voice-deepgram --extra voice-elevenlabs --extra voice-openai

.PHONY: help run voice test verify contracts emulated e2e calls livekit drills bench lint format types floors locks dev

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: ## set up what is missing and serve http://127.0.0.1:8080 with the sample desks
	@.ci/venv .venv requirements.txt
	@.ci/assets .venv/bin/python || echo "The desks work without them; of the console only what needs no script does." >&2
	@exec .venv/bin/python -m functions

voice: ## a voice worker beside make run, with a LiveKit server of its own
	@.ci/venv .venv-voice voice_service/requirements.txt
	@.ci/livekit server >/dev/null
	@exec .venv-voice/bin/python -m voice_service --with-server

test: dev ## every test that a fresh machine can run, with its coverage
	@$(PYTEST) -m "$(HERE)"
	@$(DEV) -m coverage combine --quiet --keep --data-file=.covered/report .covered/test.*
	@$(DEV) -m coverage report --data-file=.covered/report --skip-covered --sort=cover
	@echo "Left out: contracts on Google's emulators (make contracts), the browser (make e2e), calls (make calls),"
	@echo "drills (make drills)."
	@echo "Each says what it needs; .ci/run installs that and runs them all."

verify: lint types floors ## what must hold before a commit: style, types, floors and the quick tests
	$(DEV) -m pytest -m "$(HERE)" tests/unit tests/contract tests/house tests/journeys

contracts: dev ## the backends' contract on the official Firestore and Pub/Sub emulators
	@$(DEV) -m tests.emulators >/dev/null
	@$(PYTEST) -m emulators

emulated: dev ## serve on Google's emulators instead: the google backend, in memory, on this machine
	@$(DEV) -m tests.emulators >/dev/null
	@PYTHONPATH=.:tests/journeys exec $(DEV) -m tests.emulated_server

e2e: dev ## the browser tests, in Chromium
	@command -v chromium google-chrome >/dev/null || { echo "Chromium is missing: run .ci/chromium" >&2; exit 1; }
	@$(PYTEST) -m "browser and not livekit"

livekit: ## fetch, build and cache the LiveKit server
	@.ci/livekit server

calls: dev ## calls and browser rooms, through the LiveKit server
	@.ci/livekit >/dev/null
	@command -v chromium google-chrome >/dev/null || { echo "Chromium is missing: run .ci/chromium" >&2; exit 1; }
	@$(PYTEST) -m livekit -rfER

drills: dev ## kill, replay, fuzz, and calls whose parts break; FULL=1 for the full counts
	@.ci/livekit >/dev/null
	$(DEV) -m tests.drills

bench: dev ## the figures, against the yardsticks
	$(DEV) -m benchmarks.run

lint: dev ## ruff: rules and format
	$(DEV) -m ruff check .
	$(DEV) -m ruff format --check .

format: dev ## put every file into the one format
	$(DEV) -m ruff check --fix-only --quiet .
	$(DEV) -m ruff format .

types: dev ## mypy, strict
	$(DEV) -m mypy

floors: dev ## imports go down: the contracts of pyproject.toml
	.venv-dev/bin/lint-imports

locks: dev ## make the locks again from pyproject.toml; UPGRADE=--upgrade takes the newest versions
	$(LOCK) $(UPGRADE) --output-file requirements.txt
	$(LOCK) $(UPGRADE) $(SPOKEN) --constraint requirements.txt --output-file voice_service/requirements.txt
	$(LOCK) $(UPGRADE) $(SPOKEN) --group dev --constraint requirements.txt \
		--constraint voice_service/requirements.txt --output-file requirements-dev.txt
	$(COMPILE) $(UPGRADE) --group pyproject.toml:node --output-file requirements-node.txt
	$(COMPILE) $(UPGRADE) --group pyproject.toml:pipecat --output-file benchmarks/requirements-pipecat.txt
	$(COMPILE) $(UPGRADE) --group pyproject.toml:crewai --output-file benchmarks/requirements-crewai.txt
	$(COMPILE) $(UPGRADE) --group pyproject.toml:dbos --output-file benchmarks/requirements-dbos.txt

dev:
	@.ci/venv .venv-dev requirements-dev.txt
	@.ci/assets .venv-dev/bin/python
	@mkdir -p .covered
