#!/usr/bin/env bash
# Installs what is missing to build, test and watch Sitr, and says so. Nothing missing: nothing happens.
#
#   scripts/bootstrap.sh [--build] [--kafka] [--monitoring]     without an option: all three
#
#   --build       C compiler, make, pkg-config, OpenSSL and zlib headers, the Rust toolchain of rust-toolchain.toml
#   --kafka       Java 17 and Maven, for the tests against real Kafka
#   --monitoring  promtool and prometheus, unpacked into target/tools/bin (no service is installed or started)
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$HOME/.cargo/bin:$PATH"

say() { printf 'bootstrap: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
can_install() { have apt-get && { [ "$(id -u)" -eq 0 ] || have sudo; }; }
apt_knows() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }

updated=no
apt_update() {
  [ "$updated" = yes ] && return
  updated=yes
  # An old list is worth a try.
  root apt-get update -qq || say "apt-get update failed; going on with the list that is here"
}

# install WHAT_FOR PACKAGE…
install() {
  local what="$1"; shift
  can_install || die "$what is missing. Install it (on Debian: $*) and start again."
  say "$what is missing: installing $*"
  apt_update
  root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 </dev/null
}

build() {
  local missing=()
  { have cc && have make && have c++; } || missing+=(build-essential)
  have pkg-config || missing+=(pkg-config)
  { have pkg-config && pkg-config --exists openssl; } || missing+=(libssl-dev)
  { have pkg-config && pkg-config --exists zlib; } || missing+=(zlib1g-dev)
  [ ${#missing[@]} -eq 0 ] || install "part of the C toolchain" "${missing[@]}"
  rust
}

channel() { sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml; }

# A rustc of the pinned minor version, or a newer one.
rust_is_there() {
  local version
  version="$(cargo --version 2>/dev/null | cut -d' ' -f2)" || return 1
  [ -n "$version" ] && [ "$(printf '%s\n%s\n' "$(channel)" "$version" | sort -V | head -n 1)" = "$(channel)" ]
}

rust() {
  if ! rust_is_there; then
    have rustup || install_rustup
    say "Rust $(channel) is missing: installing it by rustup"
    rustup toolchain install "$(channel)" --profile minimal -c rustfmt -c clippy >&2 || borrow_stable
    rust_is_there || die "Rust $(channel) could not be installed. See https://rustup.rs, then start again."
  fi
  if have rustup; then
    cargo fmt --version >/dev/null 2>&1 || { say "installing rustfmt"; rustup component add rustfmt >&2; }
    cargo clippy --version >/dev/null 2>&1 || { say "installing clippy"; rustup component add clippy >&2; }
  fi
}

install_rustup() {
  if can_install && { apt_update; apt_knows rustup; }; then
    install "Rust" rustup
  elif have curl; then
    say "Rust is missing: installing rustup from https://sh.rustup.rs into $HOME/.cargo"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --no-modify-path --profile minimal --default-toolchain none >&2
  else
    die "Rust is missing, and neither a rustup package nor curl is here. See https://rustup.rs, then start again."
  fi
}

# Without a network, a stable toolchain of the very same version serves.
borrow_stable() {
  local stable
  for stable in "${RUSTUP_HOME:-$HOME/.rustup}"/toolchains/stable-*; do
    if [ "$("$stable/bin/rustc" --version 2>/dev/null | cut -d' ' -f2)" = "$(channel)" ]; then
      say "the installed stable toolchain is $(channel): linking it under that name"
      ln -sfn "$stable" "${stable/%stable-*/$(channel)-${stable##*/stable-}}"
    fi
  done
}

java_is_there() {
  local java="java" major
  [ -z "${JAVA_HOME:-}" ] || java="$JAVA_HOME/bin/java"
  major="$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)" || return 1
  [ -n "$major" ] && [ "$major" -ge 17 ]
}

kafka() {
  if ! java_is_there; then
    can_install && apt_update
    local package=openjdk-17-jre-headless
    for package in openjdk-17-jre-headless openjdk-21-jre-headless default-jre-headless; do
      apt_knows "$package" && break
    done
    install "Java 17" "$package"
    java_is_there || die "the Java found is older than 17. Point JAVA_HOME to a newer one and start again."
  fi
  have mvn || install "Maven" maven
}

# Debian's package would start a Prometheus on port 9090 of the machine; only its two programs are wanted.
monitoring() {
  have promtool || [ -x target/tools/bin/promtool ] && return
  if ! { have apt-get && have dpkg-deb; }; then
    say "promtool is missing; the alert rules will not be tested (on other systems: install Prometheus)"
    return
  fi
  say "promtool is missing: unpacking Debian's prometheus package into target/tools/bin"
  can_install && apt_update
  local work
  work="$(mktemp -d)"
  # Not fatal: only the tests of the alert rules need it, and they say when they skip.
  if (cd "$work" && apt-get download -qq prometheus >&2) && dpkg-deb -x "$work"/prometheus_*.deb "$work/unpacked"; then
    mkdir -p target/tools/bin
    cp "$work/unpacked/usr/bin/promtool" "$work/unpacked/usr/bin/prometheus" target/tools/bin/
  else
    say "it could not be downloaded; the alert rules will not be tested"
  fi
  rm -rf "$work"
}

[ $# -gt 0 ] || set -- --build --kafka --monitoring
for part in "$@"; do
  case "$part" in
    --build) build ;;
    --kafka) kafka ;;
    --monitoring) monitoring ;;
    *) die "unknown option $part; see the head of this file" ;;
  esac
done
