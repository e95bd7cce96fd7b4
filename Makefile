# SPDX-License-Identifier: GPL-2.0
#
# What a person types. Kbuild reads the file Kbuild, never this one.

KERNELRELEASE_HOST := $(shell uname -r)
KDIR ?= /lib/modules/$(KERNELRELEASE_HOST)/build
KERNEL ?= 6.1
INSTALL_MOD_PATH ?= $(DESTDIR)
# The folder depmod prefers; the kernel's own default differs by version.
INSTALL_MOD_DIR ?= updates

# What uname -r says under that kernel.
RELEASE := $(KDIR)/include/generated/utsrelease.h

LAB := tools/lab/lab
BENCH := tools/bench/bench

.DEFAULT_GOAL := modules

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

modules: headers ## build the modules, for the running kernel or KDIR=<headers> (default)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

# Kbuild skips depmod, with a warning, where there is no System.map; and Debian
# asks for modules to be signed with a key that only Debian has.
install: headers ## install the modules that are built, below DESTDIR= if given
	@test -e modules.order || { \
		echo "error: nothing is built: run make first" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) cmd_depmod=: \
		$(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=) \
		INSTALL_MOD_PATH=$(INSTALL_MOD_PATH) \
		INSTALL_MOD_DIR=$(INSTALL_MOD_DIR) modules_install
	PATH=$$PATH:/usr/sbin:/sbin depmod -b '$(INSTALL_MOD_PATH)/' \
		"$$(sed -n 's/.define UTS_RELEASE "\(.*\)"/\1/p' '$(RELEASE)')"

xgsctl: ## build the operator's command line, build/xgsctl/xgsctl
	@$(MAKE) -s -C tools/xgsctl

install-xgsctl: ## install it, below DESTDIR= and PREFIX=/usr/local
	@$(MAKE) -s -C tools/xgsctl install

deps: ## install the packages that everything below needs (as root, else say which)
	@tools/lab/deps

kunit: ## unit tests, in User Mode Linux
	@$(LAB) kunit

kunit-san: ## the same under KASAN, UBSAN, lockdep and kmemleak
	@$(LAB) kunit --san

# Throughput is nothing to ask of a kernel that its sanitizers slow down.
selftests: ## selftests in the lab, KERNEL=6.1, 6.12, sid, uml or uml-san, TESTS=<names>
	@$(MAKE) -s -C selftests
	@$(LAB) run --kernel $(KERNEL) --timeout 3600 --env EXPECT_ALL_FEATURES=1 \
		-- selftests/run $(if $(filter uml-san,$(KERNEL)),--functional) $(TESTS)

selftests-rdma: ## selftests of rdma_xgs on KERNEL=6.1, 6.12 or uml-san, and tshark's word
	@$(MAKE) -s -C selftests
	@tools/rdma/selftests $(KERNEL)

rdma-figures: ## rdma_xgs beside DCQCN and no control, at several distances
	@tools/rdma/figures

check: ## style, static analysis, warnings, documentation
	@tools/check/check

test: ## all of deps, check, kunit, kunit-san and the selftests
	@tools/check/test

demo: ## two sites, four distances: xgs beside CUBIC and BBR
	@tools/demo/demo

sim: ## rdma_xgs's rate engine beside plain DCQCN, SIM="<options> <scenarios>"
	@$(MAKE) -s -C tools/sim
	@build/sim/sim $(SIM)

sim-tcp: ## tcp_xgs's law through one bottleneck, SIM="-f 1@10 -f 1@60"
	@$(MAKE) -s -C tools/tcpsim
	@build/tcpsim/tcpsim $(SIM)

fuzz: ## rdma_xgs's packets and rates under libFuzzer, SECONDS=600
	@$(MAKE) -s -C tools/fuzz run $(if $(SECONDS),SECONDS=$(SECONDS))

# CASE=, CC= and SEEDS= choose a part; without them it is the whole matrix. make
# has a CC of its own, a compiler, and would give ours to those that it runs.
CONTROLS = $(if $(filter command,$(origin CC)),$(CC))
bench: ## the benchmark on simulated time, CASE=<names> CC=<controls> SEEDS=3
	@$(if $(CONTROLS),unset CC;) $(BENCH) run \
		$(if $(CASE),--case "$(CASE)") $(if $(CONTROLS),--cc "$(CONTROLS)") \
		$(if $(SEEDS),--seeds $(SEEDS)) $(if $(JOBS),--jobs $(JOBS))

bench-smoke: ## one short variant of each kind, minutes
	@$(BENCH) run --smoke

bench-report: ## Documentation/benchmarks/ from what `make bench` measured
	@$(BENCH) report

bench-cost: ## instructions per ACK and per segment, memory per flow
	@$(BENCH) cost

bench-cost-rdma: ## instructions per packet in rdma_xgs's hooks
	@$(BENCH) rdmacost

clean: ## remove everything that was built here (never the lab's cache)
	rm -rf build selftests/build
	find . -path ./.git -prune -o \( -name '*.o' -o -name '*.ko' \
		-o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' \
		-o -name '.*.d' -o -name modules.order \
		-o -name Module.symvers -o -name __pycache__ \) \
		-prune -exec rm -rf {} +

headers:
	@test -e '$(RELEASE)' || { \
		echo "error: no kernel headers in $(KDIR):" \
		     "install linux-headers-$(KERNELRELEASE_HOST)," \
		     "or name a built tree with KDIR=" >&2; exit 1; }

.PHONY: help modules install xgsctl install-xgsctl deps kunit kunit-san \
	selftests selftests-rdma rdma-figures check test demo sim sim-tcp fuzz bench \
	bench-smoke bench-report bench-cost bench-cost-rdma clean headers
