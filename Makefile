# Everything a person or CI runs. `make help` lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Where it is set, each of the hundreds of processes below would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

UV := $(CURDIR)/.tools/bin/uv
SERVICES := links redirect analytics users web
TYPED := -p hopcount_shared -p links -p redirect -p analytics -p users -p web -p hopcount_local -p hopcount_cli -p hopcount_app -p bench -p tools

# What the templates declare where it can be had, else the python3 at hand. Set UV_PYTHON to choose.
run = export UV_PYTHON="$${UV_PYTHON:-$$(tools/python-version)}";

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-18s %s\n", $$1, $$2}'
	@printf '  make %-18s %s\n' $(foreach s,$(SERVICES),test-$(s) 'Test $(s) alone, with its own dependencies')

.PHONY: setup
setup: ## Install what is needed beside the code (uv, the Serverless CLI, the environments); done by every target
	@tools/bootstrap
	@$(run) $(UV) sync --quiet --frozen --all-packages --all-groups
	@$(run) tools/local-aws-environment

.PHONY: browser
browser: setup
	@tools/browser

.PHONY: app app-debug
app: setup ## Build the landing page and the web app into build/site; `make up` does it as well
	@.venv/bin/python -m tools.build_app build/site

DEBUG_PORT := 8550

app-debug: setup ## Open the web app alone, with made-up data and reload, at DEBUG_PORT=8550
	@echo "http://127.0.0.1:$(DEBUG_PORT)/?debug=1"
	@cd services/web/app && PYTHONPATH=. $(CURDIR)/.venv/bin/python -m uvicorn hopcount_app.debug_server:asgi \
	  --port $(DEBUG_PORT) --reload --log-level warning

.PHONY: screenshots
screenshots: browser ## Take a picture of every view into docs/screenshots
	@tools/with-stack .venv/bin/python -m tools.screenshots docs/screenshots

.PHONY: up down status reset
up: setup ## Start the whole product in the background: local AWS, every service, front door, demo
	@.venv/bin/python -m hopcount_local up

down: setup ## Stop it; the data stay
	@.venv/bin/python -m hopcount_local down

status: setup ## Say what runs and where
	@.venv/bin/python -m hopcount_local status

reset: down ## Forget the local data
	@.venv/bin/python -m hopcount_local reset

.PHONY: test test-units test-shared test-local test-cli test-local-aws test-infra test-contract test-app test-browser test-bench test-runtime test-e2e $(addprefix test-,$(SERVICES))
test: setup ## Run every test in two lanes: what has the product to itself, and what does not mind others
	@tools/with-stack --later $(MAKE) -j2 --output-sync=target lane-product lane-rest

# Lines of a recipe, not prerequisites: waiting for one, make would give both lanes to what can begin at once.
RESTART := $(CURDIR)/.local/restart.lock
.PHONY: lane-product lane-rest
lane-product:
	@tools/alone $(RESTART) $(MAKE) test-restart
	@$(MAKE) test-alone

lane-rest:
	@$(MAKE) test-units test-local-aws test-runtime test-browser
	@tools/alone $(RESTART) $(MAKE) test-beside

test-units: test-shared $(addprefix test-,$(SERVICES)) test-local test-cli test-app test-contract test-bench ## Run what needs no local AWS

# Each service alone, with its own dependencies and nobody else's.
$(addprefix test-,$(SERVICES)): test-%: setup
	@$(run) UV_PROJECT_ENVIRONMENT=$(CURDIR)/services/$*/.venv $(UV) sync --quiet --frozen --package hopcount-$* --group test
	@services/$*/.venv/bin/python -m pytest -q services/$*/tests

test-shared: setup ## Test the shared library alone
	@$(run) UV_PROJECT_ENVIRONMENT=$(CURDIR)/shared/.venv $(UV) sync --quiet --frozen --package hopcount-shared --extra lambda --group test
	@shared/.venv/bin/python -m pytest -q shared

test-local: setup ## Test the front door and the commands behind `make up`
	@.venv/bin/python -m pytest -q local/tests

test-cli: setup ## Test the command line alone
	@$(run) UV_PROJECT_ENVIRONMENT=$(CURDIR)/cli/.venv $(UV) sync --quiet --frozen --package hopcount-cli --group test
	@cli/.venv/bin/python -m pytest -q cli

test-local-aws: setup ## Test the local AWS and each of its patches
	@local/aws/.venv/bin/python -m pytest -q -c local/aws/pytest.ini local/aws/tests

test-contract: setup ## Test events against those who read them, runbooks against alarms, pages against what there is
	@.venv/bin/python -m pytest -q tests/contract tests/docs

.PHONY: events docs
events: setup ## Renew docs/events (schemas and pages) from the publishers' code and the consumers' rules
	@.venv/bin/python -m tests.contract.catalogue

docs: setup ## Build the documentation site into .local/site
	@NO_MKDOCS_2_WARNING=1 .venv/bin/python -m mkdocs build --quiet --strict
	@echo ".local/site/index.html"

test-app: setup ## Test the web app's logic and how it is built, without a browser
	@.venv/bin/python -m pytest -q services/web/app/tests tests/build_app

test-browser: app browser ## Test the web app in a browser, in debug mode: nothing runs but the site
	@.venv/bin/python -m pytest -q tests/browser/debug

test-bench: setup ## Test what the measurements are made of
	@.venv/bin/python -m pytest -q bench/tests

test-runtime: setup ## Test the packaged redirect in sandboxes: after the response, faults, the real Lambda emulator
	@.venv/bin/python -m pytest -q tests/runtime

.PHONY: test-stack test-restart test-alone test-beside
test-stack: setup ## Start the product, then run the tests that need it running; stop it if it was not
	@tools/with-stack $(MAKE) test-restart test-alone test-beside

# First: it stops the product that the others need, and starts it again.
test-restart: up
	@.venv/bin/python -m pytest -q tests/e2e/test_restart.py

# One after the other: they deploy, stop functions and queues, and look at all there is.
test-alone: setup
	@.venv/bin/python -m pytest -q tests/infra
	@.venv/bin/python -m pytest -q tests/e2e --ignore=tests/e2e/test_restart.py

test-beside: setup
	@tools/browser
	@.venv/bin/python -m pytest -q tests/browser/live

test-infra: setup ## Test the compiled templates and the policies (needs `make up`)
	@.venv/bin/python -m pytest -q tests/infra

test-e2e: browser ## Test the running product over HTTP (needs `make up`)
	@.venv/bin/python -m pytest -q tests/e2e

.PHONY: bench-clicks bench-viral bench-freshness bench-consumer bench-redirect bench-memory bench-local bench-app
bench-clicks: setup ## Measure what a click costs, in write units and in dollars, beside two other designs
	@.venv/bin/python -m bench.clicks

bench-viral: setup ## Measure how often 50,000 clicks/s on one link write the same row
	@.venv/bin/python -m bench.viral

bench-freshness: setup ## Measure how long a click takes to show in the statistics (needs `make up`)
	@.venv/bin/python -m bench.freshness

bench-consumer: setup ## Measure how fast clicks are read and classified, and how well
	@.venv/bin/python -m bench.classification
	@.venv/bin/python -m bench.consume_speed

bench-redirect: setup ## Measure the redirect beside the blueprint's: cold, warm, processor time
	@.venv/bin/python -m bench.redirect

bench-memory: setup ## Measure the redirect with the processor shares of Lambda's memory sizes (needs root, cgroups)
	@.venv/bin/python -m bench.redirect.memory

bench-local: setup ## Measure how many redirects/s the product as it runs here does (needs `make up` and wrk)
	@.venv/bin/python -m bench.local_stack

bench-app: browser ## Measure how long the landing page and the app take to load, cold and warm (needs `make up`)
	@.venv/bin/python -m bench.app_load

SCHEDULES := 200

.PHONY: chaos
chaos: setup ## Break the counting engine at every call, SCHEDULES=200 times, and count what is lost and doubled
	@tools/with-stack .venv/bin/python -m tests.chaos --schedules $(SCHEDULES)

.PHONY: lint format lock openapi
lint: setup ## Check style, types, imports between packages, the lock and the OpenAPI document
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy $(TYPED)
	@.venv/bin/lint-imports
	@$(run) $(UV) lock --check --quiet
	@.venv/bin/python -m tools.openapi check

format: setup ## Format the code
	@.venv/bin/ruff check --quiet --fix .
	@.venv/bin/ruff format --quiet .

openapi: setup ## Write docs/openapi.json from the code
	@.venv/bin/python -m tools.openapi write

lock: setup ## Renew uv.lock and the local AWS's requirements after changing dependencies
	@$(run) $(UV) lock
	@cd local/aws && for pins in requirements requirements-test; do \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes $$pins.in -o $$pins.txt; done
