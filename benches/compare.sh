#!/usr/bin/env bash
# `sitr run` on a real Kafka beside `sitr classify` beside a plain Python consumer of the same model, in one run.
# Arguments go to compare.py (`--help` lists them). Writes target/compare.json.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(command -v python3.11 || command -v python3 || true)
if [ -z "$python" ] || ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
  echo "compare: needs Python 3.11, Java 17 and Maven (scripts/bootstrap.sh --kafka brings the last two); nothing compared"
  exit 0
fi
venv=target/compare-venv
if [ ! -x $venv/bin/pip ]; then
  echo "compare: installing confluent-kafka, tokenizers and onnxruntime into $venv, once"
  "$python" -m venv $venv
fi
$venv/bin/pip install --quiet --disable-pip-version-check -r benches/compare/requirements.txt
echo "compare: building"
cargo build --release --locked --quiet --workspace --bins

coproc KAFKA { exec target/release/kafka --brokers 1; }
kafka=$KAFKA_PID
trap 'kill "$kafka" 2>/dev/null || true; wait "$kafka" 2>/dev/null || true' EXIT
if ! read -r address <&"${KAFKA[0]}"; then
  echo "compare: Kafka did not start" >&2
  exit 1
fi
$venv/bin/python benches/compare/compare.py --bootstrap "$address" --out target/compare.json "$@"
