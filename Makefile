# Every target sets up what it needs; run again, it costs a second.
.DEFAULT_GOAL := help
.PHONY: help setup demo range test check lint types layers licences quick bench corpus journey docs pictures test-engine prove fuzz

BIN := .venv/bin
PYTEST := $(BIN)/pytest
WORKERS ?= auto
# Tests start many processes; each starts in half the time when modules stay compiled.
unexport PYTHONDONTWRITEBYTECODE
# What quick tests write is thrown away: where memory has room for it, it never meets the disk.
SCRATCH := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 { print "TMPDIR=/dev/shm" }')
# The word after `journey` is no target of its own.
ifeq ($(firstword $(MAKECMDGOALS)),journey)
JOURNEY := $(word 2,$(MAKECMDGOALS))
ifneq ($(JOURNEY),)
$(JOURNEY): ; @:
endif
endif

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install uv when missing, and everything uv.lock names into .venv
	@scripts/setup test

demo: ## investigate the shipped break-in, print the answer, and open the console
	@scripts/setup run
	@examples/pet-insurer/demo.sh

range: setup ## a pet insurer and an agency to break into, on this machine alone; `make range PEOPLE=5100000` (docs/guides/range.md)
	$(BIN)/python -m range start $(or $(FOLDER),out/range) --people $(or $(PEOPLE),1000)

test: setup ## every test; the quick ones with branch coverage
	$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

# Side by side: types take one processor for half a minute, and the workers of the tests wait for one another.
check: setup ## lint, types, layers, licences, documents and quick tests: under two minutes
	@$(MAKE) --no-print-directory -j lint types layers licences quick

lint:
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check

types:
	$(BIN)/mypy --no-error-summary

layers:
	$(BIN)/lint-imports --no-logo

licences:
	$(BIN)/python tests/house/licences.py

quick:
	$(SCRATCH) HYPOTHESIS_PROFILE=dev ENGINE_THREADS=1 $(PYTEST) -n $(WORKERS) --dist loadfile -q -m "not slow"

corpus: setup ## tests over the shared evidence sets (folder: ASHIATO_CORPUS), with a rate per set
	$(PYTEST) -q -s tests/corpus

journey: setup ## whole break-ins with known truth; `make journey pet-insurer` prints that one's figures
ifeq ($(JOURNEY),)
	$(PYTEST) -q -s tests/journeys
else
	$(BIN)/python -m tests.journeys.$(subst -,_,$(JOURNEY)) $(or $(ASHIATO_CORPUS),../shared/evidence)
endif

bench: setup ## what reading, replaying and whole runs take, as ratios; `make bench SHARE=1 RULE_EVENTS=10000000 TIMELINE=20000000` for whole sizes (docs/scale.md)
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python -m benchmarks.exposures $(or $(SHARE),0.05)
	$(BIN)/python -m benchmarks.files
	$(BIN)/python benchmarks/rules.py $(or $(RULE_EVENTS),1000000)
	$(BIN)/python benchmarks/stages.py
	$(BIN)/python benchmarks/timeline.py $(or $(TIMELINE),1000000)
	$(BIN)/python -m benchmarks.people $(or $(PEOPLE),0.01)
	$(BIN)/python -m benchmarks.letters $(or $(LETTERS),10000)
	$(BIN)/python -m benchmarks.mail
	$(BIN)/python -m benchmarks.guard
	$(BIN)/python -m benchmarks.public
	$(BIN)/python -m benchmarks.blocks
	$(BIN)/python -m benchmarks.notices $(or $(NOTICES),10000 30000 100000)
	$(BIN)/python -m benchmarks.exercise $(or $(RANGE_PEOPLE),100000)

prove: setup ## generated incidents against an oracle of their own; `make prove INCIDENTS=500 SEED=7` (docs/proof.md)
	$(BIN)/python -m tests.proof --incidents $(or $(INCIDENTS),10000) --seed $(or $(SEED),0) $(if $(ONLY),--only $(ONLY)) $(if $(EVERYTHING),--with-known)

fuzz: ## foreign bytes, guided by the branches they reach; `make fuzz FUZZ_SECONDS=600 ONLY="zip sql"` (docs/fuzzing.md)
	@scripts/setup fuzz
	$(BIN)/python -m tests.fuzz --seconds $(or $(FUZZ_SECONDS),10) $(ONLY)

docs: setup ## write docs/reference/ anew from the code
	$(BIN)/python -m docs.generate
	$(BIN)/python docs/reason_examples.py
	$(BIN)/python -m docs.openapi

pictures: setup ## take the guides' pictures anew, of the demo's case (`make demo` first)
	$(BIN)/python -m docs.pictures $(or $(DEMO),demo)/case

test-engine: setup ## the engine's tests by themselves
	$(PYTEST) -n $(WORKERS) -q tests/terms tests/datamap tests/engine
