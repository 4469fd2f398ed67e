#!/usr/bin/env bash
# What a transaction costs: our producer beside the usual ways of rdkafka, on a real Kafka, in one run. Prints a table.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
  echo "commit: needs Java 17 and Maven (scripts/bootstrap.sh --kafka brings them); nothing measured"
  exit 0
fi
cargo build --release --locked --quiet -p sitr-tests --bins
cargo build --release --locked --quiet -p sitr-kafka --example commit

coproc KAFKA { exec target/release/kafka --brokers 1; }
kafka=$KAFKA_PID
trap 'kill "$kafka" 2>/dev/null || true; wait "$kafka" 2>/dev/null || true' EXIT
if ! read -r address <&"${KAFKA[0]}"; then
  echo "commit: Kafka did not start" >&2
  exit 1
fi
target/release/examples/commit "$address"
