#!/usr/bin/env bash
# Starts a Kafka for this run, runs the demo on it, ends it. Arguments go to `sitr demo`.
set -euo pipefail
cd "$(dirname "$0")/.."

coproc KAFKA { exec target/release/kafka --brokers 1; }
kafka=$KAFKA_PID
trap 'kill "$kafka" 2>/dev/null || true; wait "$kafka" 2>/dev/null || true' EXIT
# bash forgets the coproc's variables when it ends; then `read` fails, as it does when Kafka says nothing.
if ! read -r address <&"${KAFKA[0]}"; then
  echo "demo-kafka: Kafka did not start" >&2
  exit 1
fi
target/release/sitr demo --bootstrap "$address" "$@"
