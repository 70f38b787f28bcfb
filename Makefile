# Everything a developer does with this project. `make` alone lists it.
#
#   PYTHON  the Python (3.11 or newer) that virtual environments are made with
#   VENV    where they are made
#   AUDIT   --required: checks fail where advisories on requirements cannot be had
#   BROWSER --browser-required: tests fail where there is no browser, instead of skipping those that need one
#   ARGS    passed on to pytest and to the benchmark, as in: make test ARGS="-k history"
#   MINUTES how long make soak goes on

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
MINUTES ?= 30
AUDIT ?=
BROWSER ?=

# MiniStack pins botocore, so it lives in an environment of its own.
MINISTACK := $(VENV)/ministack
RUN := $(VENV)/bin/python

# A stamp in the environment says which requirements are installed there. Its name holds their checksum: nothing is
# installed again while they are the same, whatever the dates of the files.
sum = $(shell cat $(1) 2>/dev/null | cksum | tr ' ' '-')
RUNTIME := $(VENV)/.runtime-$(call sum,requirements.txt)
LOCAL := $(MINISTACK)/.local-$(call sum,requirements-local.txt)
DEV := $(VENV)/.dev-$(call sum,requirements.txt requirements-dev.txt)
DEPLOY := $(VENV)/deploy/.deploy-$(call sum,requirements-deploy.txt)
# Of what `make bench` and `make bench-cold` compare with.
PEERS := $(VENV)/peers
PEERS_MADE := $(PEERS)/.peers-$(call sum,benchmarks/requirements-peers.txt)

# Of another project, exported in the same shell, these would send ours astray.
unexport DJANGO_SETTINGS_MODULE PYTHONPATH PYTHONHOME PYTHONSTARTUP
# pytest would write the asserts of every test file anew, in every worker of every run.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run run-aws test bench bench-staff soak scaling bench-cold cost check audit check-deploy images test-images format openapi lock clean

help:  ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "%-19s %s\n", $$1, $$2}'

run: $(RUNTIME) $(LOCAL)  ## chat on this machine, without an AWS account (PORT=8000, LOCAL_MODEL_URL=)
	@LOCAL_MODE=on exec $(RUN) manage.py runlocal --stop-with-parent

run-aws: $(RUNTIME)  ## the same with the models and tables of your AWS account (CREATE_TABLES=1 makes the tables)
	@LOCAL_MODE=on exec $(RUN) manage.py runlocal --stop-with-parent --aws $(if $(CREATE_TABLES),--create-tables)

test: $(DEV) $(LOCAL)  ## run all tests (ARGS=, BROWSER=--browser-required); pictures of staff's pages in .artefacts/screenshots
	@$(RUN) -m pytest -n 4 $(BROWSER) $(ARGS)

bench: $(RUNTIME) $(PEERS_MADE)  ## measure what a chat costs, beside its floor and a plain FastAPI server (ARGS="--quick")
	@$(RUN) -m benchmarks --plain $(PEERS)/bin/python $(ARGS)

bench-staff: $(RUNTIME) $(LOCAL)  ## processor time of each of staff's pages, with 100,000 sessions (ARGS="--sessions 10000")
	@$(RUN) -m benchmarks.staff_pages $(ARGS)

soak: $(RUNTIME)  ## chats, broken streams and faults for a while: does memory, do threads, sockets or files grow (MINUTES=1)?
	@$(RUN) -m benchmarks.soak --minutes $(MINUTES) $(ARGS)

scaling: $(RUNTIME)  ## what each part carries, and what to raise first (ARGS="regions", as in docs/SCALING.md)
	@$(RUN) -m benchmarks.scaling $(ARGS)

bench-cold: $(DEV) $(PEERS_MADE)  ## measure a function's first answer, beside a FastAPI hello (ARGS="--image localhost/chatbot-api-lambda:dev")
	@$(RUN) -m benchmarks.cold --peer $(PEERS)/bin/python $(ARGS)

cost: $(RUNTIME)  ## what a month of chats costs on Lambda and on EKS (ARGS="--chats 250000")
	@$(RUN) -m benchmarks.cost $(ARGS)

check: $(DEV) audit  ## format, lint, types, layers, security, Django's checks, migrations, OpenAPI document
	@echo "Format and lint"
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@echo "Types"
	@$(RUN) -m mypy
	@echo "Layers"
	@$(VENV)/bin/lint-imports
	@echo "Security"
	@$(RUN) -m bandit --quiet --configfile pyproject.toml --severity-level medium --recursive .
	@echo "Django's checks and migrations"
	@$(RUN) manage.py check --fail-level WARNING --settings tests.settings
	@$(RUN) manage.py makemigrations --check --dry-run --settings tests.settings
	@echo "OpenAPI document"
	@fresh=$$(mktemp) && trap 'rm -f "$$fresh"' EXIT && \
	$(RUN) manage.py spectacular --file "$$fresh" --validate --fail-on-warn --settings tests.settings && \
	{ diff -u docs/openapi.yaml "$$fresh" || { echo "docs/openapi.yaml is out of date: run make openapi." >&2; exit 1; }; }

audit: $(DEV)  ## ask whether requirements have known vulnerabilities (AUDIT=--required)
	@echo "Known vulnerabilities of requirements"
	@$(RUN) -m deployment.audit_requirements $(AUDIT)

check-deploy: $(DEV) $(LOCAL) $(DEPLOY)  ## scripts, Terraform, manifests and images, without an AWS account (ARGS="--without-images")
	@VENV=$(VENV) deployment/check.sh $(ARGS)

images:  ## build both container images with buildah or docker
	@deployment/images/build.sh all

test-images: $(DEV) $(LOCAL)  ## run the images that `make images` built
	@$(RUN) -m pytest -m deploy tests/deployment/images $(ARGS)

format: $(DEV)  ## put the code into its form
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

openapi: $(DEV)  ## write docs/openapi.yaml anew
	@$(RUN) manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn --settings tests.settings

COMPILE = $(VENV)/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-header \
	$(if $(UPGRADE),--upgrade)

lock: $(DEV)  ## pin requirements*.in with hashes (UPGRADE=1 takes the newest)
	@$(COMPILE) --no-annotate requirements.in --output-file requirements.txt
	@$(COMPILE) requirements-dev.in --output-file requirements-dev.txt
	@$(COMPILE) requirements-local.in --output-file requirements-local.txt
	@$(COMPILE) --no-annotate requirements-lambda.in --output-file requirements-lambda.txt
	@$(COMPILE) requirements-deploy.in --output-file requirements-deploy.txt
	@$(COMPILE) benchmarks/requirements-peers.in --output-file benchmarks/requirements-peers.txt

clean:  ## remove environments and caches; what you said to the chatbot stays in .local
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .schemathesis .artefacts
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Environments -----------------------------------------------------------------------------------------------------

# $(call environment,folder): a virtual environment, or one sentence why there is none.
define environment
@command -v $(PYTHON) >/dev/null 2>&1 || { \
	echo "Python 3.11 or newer is needed, and there is no $(PYTHON): install it (Debian: apt install python3 python3-venv) or name it, as in PYTHON=/path/to/python3." >&2; exit 1; }
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Python 3.11 or newer is needed, and $(PYTHON) is older: name another, as in PYTHON=/path/to/python3.11." >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	echo "$(PYTHON) cannot make virtual environments: install what it lacks (Debian: apt install python3-venv)." >&2; exit 1; }
@echo "Making the virtual environment $(1) ..."
@$(PYTHON) -m venv $(1) || { echo "The virtual environment $(1) could not be made." >&2; exit 1; }
@touch $@
endef

# $(call install,folder,requirements,kind): the old stamp goes first, so that an interrupted installation is noticed.
define install
@rm -f $(1)/.$(3)-*
@echo "Installing $(2) ..."
@$(1)/bin/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes -r $(2) || { \
	echo "$(2) could not be installed: the lines above say why; then run make again." >&2; exit 1; }
@touch $@
endef

$(VENV)/.made:
	$(call environment,$(VENV))

$(MINISTACK)/.made: $(VENV)/.made
	$(call environment,$(MINISTACK))

$(VENV)/deploy/.made: $(VENV)/.made
	$(call environment,$(VENV)/deploy)

$(RUNTIME): | $(VENV)/.made
	$(call install,$(VENV),requirements.txt,runtime)

$(DEV): $(RUNTIME)
	$(call install,$(VENV),requirements-dev.txt,dev)

$(LOCAL): | $(MINISTACK)/.made
	$(call install,$(MINISTACK),requirements-local.txt,local)

$(PEERS)/.made: $(VENV)/.made
	$(call environment,$(PEERS))

$(PEERS_MADE): | $(PEERS)/.made
	$(call install,$(PEERS),benchmarks/requirements-peers.txt,peers)

$(DEPLOY): | $(VENV)/deploy/.made
	$(call install,$(VENV)/deploy,requirements-deploy.txt,deploy)
