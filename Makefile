# The one entry for people and for CI. `make help` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo demo-kafka test bench lint fmt schema train clean

# Where rustup puts cargo, before a new shell knows of it.
export PATH := $(HOME)/.cargo/bin:$(PATH)

# One profile everywhere: tract and librdkafka are built once.
CARGO := cargo
RELEASE := --release --locked
DENY_VERSION := 0.20.2
DENY := target/tools/bin/cargo-deny

DEMO_ARGS ?=
TRAIN_CONFIG ?= first
TRAIN_DATA ?=

# First line of every recipe: says what the target does, in the words of its own ## comment.
say = @sed -n 's/^$@:.*\#\# /$@: /p' Makefile

help: ## lists the targets
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 16

demo: ## replays invented posts through the real classifier, live, on a broker inside the process; no Docker, no Java
	$(say)
	@scripts/bootstrap.sh --build
	@$(CARGO) run $(RELEASE) -p sitr -- demo $(DEMO_ARGS)

demo-kafka: ## the same demo on a real Apache Kafka, started for it and ended with it; needs Java 17 and Maven
	$(say)
	@scripts/bootstrap.sh --build --kafka
	@$(CARGO) build $(RELEASE) -p sitr -p sitr-tests --bins
	@scripts/demo-kafka.sh $(DEMO_ARGS)

test: ## runs every test, those against real Kafka included; a test that cannot run says SKIPPED
	$(say)
	@scripts/bootstrap.sh
	@$(CARGO) test $(RELEASE) --workspace --no-fail-fast

bench: ## measures speed: criterion benches, what a transaction costs, the end-to-end comparison
	$(say)
	@scripts/bootstrap.sh --build
	@$(CARGO) bench --locked -p sitr-benches
	@benches/commit.sh
	@benches/compare.sh

lint: $(DENY) ## checks format, clippy without a warning, shell scripts, licences and sources of all dependencies
	$(say)
	@scripts/bootstrap.sh --build
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy $(RELEASE) --workspace --all-targets --quiet -- -D warnings
	@bash -n scripts/*.sh .ci/run
	@if command -v shellcheck >/dev/null; then shellcheck scripts/*.sh .ci/run; fi
	@$(DENY) --log-level error check bans licenses sources

# Built once, kept until `make clean`. Unoptimised: it runs for seconds and takes half the time to build.
$(DENY):
	@scripts/bootstrap.sh --build
	@echo "lint: building cargo-deny $(DENY_VERSION) into target/tools, once"
	@$(CARGO) install cargo-deny --version $(DENY_VERSION) --locked --debug --quiet --root target/tools

fmt: ## formats all Rust code
	$(say)
	@$(CARGO) fmt --all

schema: ## writes the JSON Schemas of the contracts and the configuration into docs/reference
	$(say)
	@scripts/bootstrap.sh --build
	@$(CARGO) run $(RELEASE) -p sitr -- schema --out docs/reference

train: ## trains a bundle (TRAIN_DATA=directory with the public data sets, TRAIN_CONFIG=first) into models/training/work
	$(say)
	@[ -d "$(TRAIN_DATA)" ] || { echo "train: set TRAIN_DATA to the directory with the data sets"; exit 2; }
	@scripts/bootstrap.sh --build
	@$(CARGO) build $(RELEASE) -p sitr
	@cd models/training && { [ -x .venv/bin/python ] || python3 -m venv .venv; } && .venv/bin/pip install -q -r requirements.txt
	@cd models/training && for step in "train --config configs/$(TRAIN_CONFIG).toml" "export --out work/$(TRAIN_CONFIG)/bundle"; do \
	  .venv/bin/python -m sitr_train.$$step --data "$(abspath $(TRAIN_DATA))" \
	    --sitr "$(CURDIR)/target/release/sitr" --work work/$(TRAIN_CONFIG); done

clean: ## removes what was built and fetched (target, the tests' Kafka, the training environment)
	$(say)
	@$(CARGO) clean
	@rm -rf tests/kafka/target models/training/.venv
