# Shortcuts around CMake and CTest; `make help` lists them. The presets are in CMakePresets.json.
.DEFAULT_GOAL := help
.PHONY: help demo build test test-long docs asan tsan fuzz mutants bench format style clean setup wheels web test-web

JOBS := $(shell nproc 2>/dev/null || echo 2)
FUZZ_SECONDS ?= 60
CXX_FILES = $(shell find src tests bench web/engine -name '*.h' -o -name '*.cc' -o -name '*.cu')

# $(call check,PRESET): configure, build and test one preset.
define check
	cmake --preset $(1)
	cmake --build --preset $(1)
	ctest --preset $(1) -j $(JOBS) -LE '^(long|wheel)$$' --no-tests=error
endef

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build ## build, train on three digits, make images of all ten; pictures and report.html in demo/
	build/release/swell demo -o demo
	build/release/swell generate machines/mnist.safetensors -n 30 --film 10 -o demo/all-digits

build: setup ## install what is missing and build the program, build/release/swell
	cmake --preset release
	cmake --build --preset release --target swell_program

test: setup ## install what is missing, build everything and run every test but the long ones
	@scripts/setup.sh --python
	$(call check,release)

test-long: setup ## the tests that take minutes
	cmake --preset release
	cmake --build --preset release
	ctest --preset release -j $(JOBS) -L '^long$$' --no-tests=error

docs: setup ## this documentation as a site, build/docs/index.html, with the page that runs in the browser; its tutorials run
	@scripts/setup.sh --python --docs
	@if command -v emcmake >/dev/null && command -v npm >/dev/null; then scripts/web.sh; else \
	  echo "docs: the site is built without the page that runs in the browser, which needs emscripten and Node.js: scripts/setup.sh --web installs them"; fi
	cmake --preset release
	cmake --build --preset release --target swell_python
	scripts/docs.sh build/docs
wheels: setup ## the Python package as it is published, built and tried where there is nothing but NumPy
	scripts/wheels.sh

web: ## a page that trains and runs a machine in the browser, build/web/swell.html, and the npm package in web/dist
	scripts/setup.sh --web
	scripts/web.sh

test-web: setup ## the page in a browser, and its engine against the program
	scripts/setup.sh --web
	scripts/web.sh --test

asan: setup ## the tests under the address and undefined-behaviour sanitizers
	$(call check,asan)

tsan: setup ## the tests under the thread sanitizer
	$(call check,tsan)

fuzz: ## run each fuzz target FUZZ_SECONDS (60) seconds
	scripts/setup.sh --fuzz
	scripts/fuzz.sh $(FUZZ_SECONDS)

mutants: setup ## break each formula in a copy of the sources and demand that a test fails
	nice scripts/mutants.py --jobs $(JOBS) --write

bench: setup ## the benchmarks, in units of the field
	cmake --preset release
	cmake --build --preset release --target run_benchmarks

format: ## format every C++ file in place
	scripts/setup.sh --style
	clang-format -i $(CXX_FILES)

style: ## format, folder order, isolation, caps
	scripts/setup.sh --style
	python3 tests/install/check_style_test.py
	python3 scripts/check_style.py

clean: ## remove build/ and demo/
	rm -rf build demo

setup:
	@scripts/setup.sh
