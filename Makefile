# ashore: make run does it all; make help lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help airflow-test compose-test report-test s3-test lambda-test lambda-zip install-lambda notebook notebook-test setup setup-test build build-all run test test-all test-nightly crash-matrix crash-sample bench bench-memory bench-s3 bench-postgres bench-lambda bench-growth bench-smoke fuzz unit format format-check tidy install dist dist-test wheel wheel-test release clean

BUILD := build/release
JOBS := $(shell nproc)
PREFIX ?= /usr/local
CASE_FAULTS ?= all
ASHORE := $(BUILD)/ashore
FORMAT_FILES := $(shell git ls-files 'src/*.h' 'src/*.cpp' 2>/dev/null)

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.deps/run.stamp: deps.lock scripts/setup
	@scripts/setup run
	@touch $@

.deps/test.stamp: tests/requirements.lock scripts/setup .deps/run.stamp
	@scripts/setup test
	@touch $@

.deps/airflow.stamp: python/ashore_airflow/requirements.lock python/ashore_airflow/requirements-test.lock scripts/setup .deps/run.stamp
	@scripts/setup airflow
	@touch $@

.deps/notebook.stamp: notebooks/requirements.lock notebooks/requirements-test.lock scripts/setup .deps/run.stamp
	@scripts/setup notebook
	@touch $@

.deps/wheel.stamp: python/ashore/requirements-test.lock python/ashore/requirements-oldest.lock python/ashore/requirements-newest.lock scripts/setup .deps/run.stamp
	@scripts/setup wheel
	@touch $@

.deps/s3.stamp: tests/s3/requirements.lock scripts/setup .deps/run.stamp
	@scripts/setup s3
	@touch $@

.deps/lambda.stamp: tests/lambda/requirements.lock tests/lambda/emulator.lock scripts/setup .deps/s3.stamp
	@scripts/setup lambda
	@touch $@

.deps/peers.stamp: bench/peers/requirements.lock scripts/setup .deps/run.stamp
	@scripts/setup peers
	@touch $@

.deps/compose.stamp: deploy/requirements-test.lock scripts/setup .deps/run.stamp
	@scripts/setup compose
	@touch $@

.deps/report.stamp: tests/report/npm.lock scripts/setup .deps/run.stamp
	@scripts/setup report
	@touch $@

setup: .deps/run.stamp ## Install what building needs: packages, pinned wheels

setup-test: .deps/test.stamp ## Install what testing needs besides

build: .deps/run.stamp ## Build the program: build/release/ashore
	@mkdir -p build
	@[ -f $(BUILD)/build.ninja ] || cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@[ -x $(ASHORE) ] || echo "building $(ASHORE): some minutes the first time"
	@cmake --build $(BUILD) --target ashore -j $(JOBS) >build/build.log 2>&1 || { grep -vE '^\[' build/build.log | tail -n 60; exit 1; }

run: build ## The main job on the embedded API: pages, Parquet, DuckDB, three answers
	@$(ASHORE) run --source-url embedded:
	@echo
	@$(ASHORE) answers
	@echo
	@echo "Against the live API: $(ASHORE) run    Look around: $(ASHORE) status, runs, plan, --help"

notebook: .deps/notebook.stamp build ## The answers in JupyterLab, with plots: notebooks/answers.ipynb
	@[ -f resources/warehouse.duckdb ] || $(ASHORE) run --source-url embedded:
	@.deps/notebook-venv/bin/jupyter lab notebooks/answers.ipynb

build-all: build
	@cmake --build $(BUILD) -j $(JOBS) >build/build.log 2>&1 || { grep -vE '^\[' build/build.log | tail -n 60; exit 1; }

unit: build-all ## The C++ inner loop: unit tests
	@ctest --test-dir $(BUILD) -L unit --output-on-failure -j $(JOBS) --no-tests=error

test: setup-test build-all ## All tests but the heavy ones: C++, PostgreSQL, format readers, crashes
	@ctest --test-dir $(BUILD) -L unit --output-on-failure -j $(JOBS) --no-tests=error
	@scripts/with_postgres ctest --test-dir $(BUILD) -L postgres --output-on-failure --no-tests=error
	@scripts/with_postgres .deps/test-venv/bin/python -m pytest -q -p no:cacheprovider -n $(JOBS) --ignore tests/heavy tests

test-all: setup-test build-all ## What is heavy: an installed tree, the tarball, Airflow, the page in a browser, the notebook, the wheel, S3, Lambda
	@.deps/test-venv/bin/python -m pytest -q -p no:cacheprovider tests/heavy
	@$(MAKE) --no-print-directory airflow-test
	@$(MAKE) --no-print-directory report-test
	@$(MAKE) --no-print-directory notebook-test
	@$(MAKE) --no-print-directory wheel-test
	@$(MAKE) --no-print-directory s3-test
	@$(MAKE) --no-print-directory lambda-test

test-nightly: ## What is slow and rarely breaks: containers, every outside call of a run cut and a fifth of those of each case, clang-tidy, threads, ten minutes of each fuzzer
	@$(MAKE) --no-print-directory compose-test
	@$(MAKE) --no-print-directory crash-matrix CASE_FAULTS=1/5
	@scripts/tidy
	@scripts/tsan
	@FUZZ_SECONDS=$(or $(FUZZ_SECONDS),600) scripts/fuzz

airflow-test: .deps/airflow.stamp build ## The DAG package, and real Airflow: scheduler, database down, held, killed
	@cd python/ashore_airflow && for check in "mypy ashore_airflow ../../dags" "ruff check -q . ../../dags" "ruff format -q --check . ../../dags"; do \
	  $(CURDIR)/.deps/airflow-venv/bin/$$check || exit 1; done
	@scripts/with_postgres --as ASHORE_TEST_AIRFLOW_DATABASE scripts/with_postgres \
	  .deps/airflow-venv/bin/python -m pytest -q -p no:cacheprovider python/ashore_airflow/tests

s3-test: .deps/s3.stamp setup-test build-all ## The data folder on S3, against a server that checks signatures and conditional writes
	@ctest --test-dir $(BUILD) -L s3 --output-on-failure --no-tests=error
	@scripts/with_s3 .deps/test-venv/bin/python -m pytest -q -p no:cacheprovider -n $(JOBS) tests/s3

lambda-test: .deps/lambda.stamp setup-test build-all lambda-zip ## Shards by Lambda functions under AWS's emulator, joined and published on S3
	@scripts/with_s3 .deps/test-venv/bin/python -m pytest -q -p no:cacheprovider tests/lambda

compose-test: .deps/compose.stamp .deps/lambda.stamp setup-test build ## PostgreSQL, Airflow, JupyterLab, the API and the Lambda function in containers, really brought up
	@.deps/test-venv/bin/python -m pytest -q -p no:cacheprovider deploy

report-test: .deps/report.stamp setup-test build ## The page of a run in a real Chromium: light, dark, phone, paper, hostile text
	@ASHORE_PAGE_TESTS=1 .deps/test-venv/bin/python -m pytest -q -p no:cacheprovider tests/report

notebook-test: .deps/notebook.stamp build ## The notebook from top to bottom, against DuckDB and PostgreSQL
	@scripts/with_postgres .deps/notebook-venv/bin/python -m pytest -q -p no:cacheprovider notebooks/tests

crash-sample: setup-test build ## Kill at 200 instants, and the shipped pipeline at 200 of its outside calls; prints the seed
	@ASHORE_CRASH_SAMPLES=200 scripts/with_postgres .deps/test-venv/bin/python -m pytest -q -s -p no:cacheprovider tests/crash/test_crash_samples.py

crash-matrix: setup-test build ## Cut a small run at every outside call, in every way, with both databases
	@ASHORE_CRASH_STEP=1 scripts/with_postgres .deps/test-venv/bin/python -m pytest -q -s -p no:cacheprovider tests/crash
	@ASHORE_CASE_FAULTS=$(CASE_FAULTS) .deps/test-venv/bin/python -m pytest -q -p no:cacheprovider -n $(JOBS) tests/cases

bench: .deps/peers.stamp setup-test build ## Time the main job beside the usual script and dlt; writes bench/RESULTS.md
	@cmake --build $(BUILD) -j $(JOBS) --target decode_bench files_bench >/dev/null
	@.deps/test-venv/bin/python bench/run_bench.py

bench-smoke: setup-test build ## The same, small, without thresholds
	@cmake --build $(BUILD) -j $(JOBS) --target decode_bench files_bench >/dev/null
	@.deps/test-venv/bin/python bench/run_bench.py --rounds 1 --output build/bench-smoke.md

# What a bench prints becomes its file once it has ended well: $(call kept,FILE,TITLE,COMMAND)
kept = { printf '%s\n\nMade by `make %s`.\n\n' '$(2)' '$@'; $(3); } >build/bench.md && mv build/bench.md $(1) && cat $(1)

bench-s3: .deps/s3.stamp setup-test build ## 20,000 launches to S3 on this machine, beside delta-rs and DuckDB; writes bench/S3.md
	@log="$$(mktemp)"; export TMPDIR=/dev/shm ASHORE_TEST_S3_LOG="$$log"; \
	  $(call kept,bench/S3.md,# Tables on S3,scripts/with_s3 .deps/test-venv/bin/python bench/s3_bench.py); \
	  code=$$?; rm -f "$$log"; exit $$code

bench-postgres: .deps/peers.stamp setup-test build ## 300,000 launches into PostgreSQL, beside psql's \copy, ADBC from Python, Sling and a naive upsert; writes bench/POSTGRES.md
	@$(call kept,bench/POSTGRES.md,# Loads into PostgreSQL,scripts/with_postgres .deps/test-venv/bin/python bench/postgres_bench.py)

bench-lambda: .deps/lambda.stamp setup-test build-all ## Cold starts of the Lambda function, beside the plainest bootstrap; writes bench/LAMBDA.md
	@$(call kept,bench/LAMBDA.md,# Cold starts,.deps/test-venv/bin/python bench/lambda_bench.py)

bench-growth: .deps/notebook.stamp build ## How time and memory grow with rows and partitions; writes bench/GROWTH.md and a plot
	@.deps/notebook-venv/bin/python bench/growth_bench.py

bench-memory: setup-test build ## A window of 10 GB at --memory 256MB; needs 40 GB of disk, BASE=FOLDER
	@.deps/test-venv/bin/python bench/memory_bench.py $(if $(BASE),--base $(BASE))

fuzz: setup-test build ## Search for inputs that break what reads bytes from outside; FUZZ_SECONDS each
	@scripts/fuzz

format: ## Format the C++ sources
	@clang-format-14 -i $(FORMAT_FILES)

format-check: ## Fail where a source is not formatted
	@clang-format-14 --dry-run -Werror $(FORMAT_FILES)

tidy: setup-test build ## Run clang-tidy over the sources
	@scripts/tidy

install: build ## Install to PREFIX (default /usr/local), relocatable
	@cmake --install $(BUILD) --prefix $(PREFIX) >/dev/null
	@echo "installed $(PREFIX)/bin/ashore"

dist-test: setup-test build ## The tarball on a bare Debian 12, twice made; manual page and completions by their readers
	@.deps/test-venv/bin/python -m pytest -q -p no:cacheprovider tests/heavy/test_dist.py tests/heavy/test_command_docs.py

dist: build ## A tarball that runs on a bare Debian 12: dist/, with licences and a bill of materials
	@rm -rf build/dist && mkdir -p build/dist dist
	@$(MAKE) --no-print-directory install PREFIX=build/dist/tree >/dev/null
	@scripts/dist build/dist/tree dist/ashore-$$($(ASHORE) --version | cut -d' ' -f2)-linux-x86_64.tar.gz

install-lambda: build ## Install the Lambda function to PREFIX, for an image of it
	@cmake --build $(BUILD) -j $(JOBS) --target ashore-lambda >>build/build.log 2>&1 || { grep -vE '^\[' build/build.log | tail -n 60; exit 1; }
	@cmake --install $(BUILD) --component lambda --prefix $(PREFIX) >/dev/null

lambda-zip: build ## The Lambda function as a zip, for provided.al2023: dist/
	@rm -rf build/lambda && mkdir -p build/lambda dist
	@$(MAKE) --no-print-directory install-lambda PREFIX=build/lambda/tree
	@scripts/dist build/lambda/tree dist/ashore-lambda-$$($(ASHORE) --version | cut -d' ' -f2)-al2023-x86_64.zip

wheel: build ## The Python package with the program inside, for pip: dist/
	@rm -rf build/wheel && mkdir -p build/wheel dist
	@$(MAKE) --no-print-directory install PREFIX=build/wheel/tree >/dev/null
	@scripts/dist build/wheel/tree dist

wheel-test: .deps/wheel.stamp build ## The wheel in fresh environments, by the oldest and the newest pyarrow and Python it admits
	@cd python/ashore && for check in "mypy ashore" "ruff check -q ." "ruff format -q --check ."; do \
	  $(CURDIR)/.deps/wheel-venv/bin/$$check || exit 1; done
	@.deps/wheel-venv/bin/python -m pytest -q -p no:cacheprovider python/ashore/tests

release: ## Gather CHANGELOG.md and write the version: make release VERSION=1.2.0
	@scripts/release $(VERSION)

clean: ## Remove what was built
	@rm -rf build
