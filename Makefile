# Kupec. `make run` shows it, `make test` proves it; `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run build test verify format lint bench clean server browser

GO ?= go
ARGS ?=
# One private database server for all test packages; set KUPEC_TEST_DSN to use a server of your own.
WITH := $(GO) run ./module/internal/mariadb/with

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: server build ## a demo shop, its CRM, a mail catcher and the panel, all on this machine
	@exec ./bin/kupec demo $(ARGS)

# No debugger's tables, no C compiler, and memory rather than time for the compiler: the first build is most of a first `make run`.
build: ## bin/kupec
	@GOGC=400 CGO_ENABLED=0 $(GO) build -trimpath -gcflags=all=-dwarf=false -ldflags='-s -w' -o bin/kupec ./module/cmd/kupec

test: server browser ## every test, against a real database, a real mail server and a real browser
	@$(WITH) $(GO) test -timeout 14m ./...

verify: format lint test ## format, vet, staticcheck, govulncheck, layering, tests

format: ## fail when a file is not gofmt's
	@unformatted=$$(gofmt -l adapters admin migrations module storefront); \
	if [ -n "$$unformatted" ]; then echo "not gofmt's form:"; echo "$$unformatted"; exit 1; fi

lint: ## vet, staticcheck, govulncheck
	@$(GO) vet ./...
	@$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	@out=$$($(GO) run golang.org/x/vuln/cmd/govulncheck@latest ./... 2>&1); code=$$?; \
	if [ $$code -eq 0 ]; then echo "govulncheck: nothing known"; \
	elif echo "$$out" | grep -qE 'vuln\.go\.dev|dial tcp|no such host|Forbidden|fetching vulnerabilities'; then echo "govulncheck: skipped, its database cannot be reached from here"; \
	else echo "$$out"; exit $$code; fi

bench: server build ## Kupec beside plain SQL and plain go-mail, as ratios
	@./bin/kupec bench $(ARGS)

clean: ## remove the binary and all the demo's data
	@rm -rf bin .kupec

# A MariaDB or MySQL server binary, unless one is here or KUPEC_DSN (KUPEC_TEST_DSN for tests) names a server.
server:
	@if [ -n "$$KUPEC_DSN$$KUPEC_TEST_DSN" ]; then exit 0; fi; \
	PATH="$$PATH:/usr/sbin:/usr/libexec:/usr/local/sbin:/opt/homebrew/bin:/usr/local/mysql/bin"; \
	if command -v mariadbd >/dev/null || command -v mysqld >/dev/null; then exit 0; fi; \
	echo "Installing MariaDB's server binaries…"; \
	$(as_root); \
	if command -v apt-get >/dev/null; then \
		apt="$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends"; \
		$$apt update && { $$apt install mariadb-server-core mariadb-client-core >/dev/null 2>&1 || $$apt install mariadb-server >/dev/null; }; \
	elif command -v dnf >/dev/null; then $$sudo dnf install -y -q mariadb-server; \
	elif command -v brew >/dev/null; then brew install --quiet mariadb; \
	else echo "Kupec needs a MariaDB or MySQL server. Install the package your system has for it, or set KUPEC_DSN to a server you have: KUPEC_DSN='user:password@tcp(host:3306)/kupec'" >&2; exit 1; fi

# Chromium for the browser tests, unless one is here.
browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v $$name >/dev/null && exit 0; done; \
	[ -d "/Applications/Google Chrome.app" ] && exit 0; \
	echo "Installing Chromium for the browser tests…"; \
	$(as_root); \
	if command -v apt-get >/dev/null; then \
		apt="$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends"; \
		$$apt update && { $$apt install chromium >/dev/null 2>&1 || $$apt install chromium-browser >/dev/null; }; \
	elif command -v dnf >/dev/null; then $$sudo dnf install -y -q chromium; \
	elif command -v brew >/dev/null; then brew install --quiet --cask chromium; \
	else echo "The browser tests need Chromium. Install it with your system's package manager." >&2; exit 1; fi

as_root = sudo=; if [ "$$(id -u)" != 0 ]; then \
	command -v sudo >/dev/null || { echo "This needs root or sudo to install a package." >&2; exit 1; }; sudo=sudo; fi
