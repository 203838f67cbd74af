# Builds the functions: for `sam build` (one `build-…` rule per function, by
# convention) and for the pipeline (`make stage`). Everything else is
# `cargo xtask`.
#
# TARGET names another machine's architecture, where a linker for it is
# installed: `make stage TARGET=aarch64-unknown-linux-gnu`. Without it the
# functions are built for the machine that builds them.
CARGO ?= cargo
TARGET ?=

BINARIES := target/$(if $(TARGET),$(TARGET)/)release
FUNCTIONS := $(sort $(basename $(notdir $(wildcard functions/*/src/bin/*.rs))))

# Archives hold their files' dates. With one fixed date, and the same compiler
# and folder, an unchanged function is packaged under an unchanged name, and
# CloudFormation leaves it alone. 1980-01-01, the first date that a zip can hold.
EPOCH := 315532800

# The C library of `provided.al2023`. Built on a machine with a newer one, a
# function may ask for what is not there, and then never starts.
GLIBC := 2.34

# Refuses a binary that Lambda can't load.
define loads
needs=$$(grep -ao 'GLIBC_2[.][0-9]*' "$(1)" | sort -uV | tail -n 1 | cut -d_ -f2); \
if [ "$$(printf '%s\n' "$$needs" $(GLIBC) | sort -V | tail -n 1)" != $(GLIBC) ]; then \
  echo "$(1) needs glibc $$needs, and Lambda has $(GLIBC): build it on Amazon Linux 2023 or Debian 12" >&2; \
  exit 1; \
fi
endef

.PHONY: functions stage
.DEFAULT_GOAL := stage

functions:
	$(CARGO) build --release --locked --package seisiun-functions --package seisiun-publish --bins $(if $(TARGET),--target $(TARGET))

# Puts each binary where template.yaml looks for it.
stage: functions
	@set -e; for name in $(FUNCTIONS); do \
	  $(call loads,$(BINARIES)/$$name); \
	  install -D -m 755 "$(BINARIES)/$$name" "target/lambda/$$name/bootstrap"; \
	  touch -d @$(EPOCH) "target/lambda/$$name/bootstrap"; \
	done
	@echo "$(words $(FUNCTIONS)) functions in target/lambda"

# PreparePhotoFunction is the binary prepare-photo. `sam build` says where to.
build-%Function: functions
	@name=$$(printf '%s' '$*' | sed 's/\(.\)\([A-Z]\)/\1-\2/g' | tr '[:upper:]' '[:lower:]'); \
	$(call loads,$(BINARIES)/$$name); \
	install -m 755 "$(BINARIES)/$$name" "$(ARTIFACTS_DIR)/bootstrap"; \
	touch -d @$(EPOCH) "$(ARTIFACTS_DIR)/bootstrap"
