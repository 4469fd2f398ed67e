"""Runs three readers of the same posts one after the other and prints their speed side by side; see benches/README.md.

Throughput: a full topic, read by one instance; the clock runs between the first position that the group commits and the last,
so starting and loading do not count. `sitr classify` reads the same posts from a file; there the whole process counts.
Latency: a steady rate that all can keep; from produce to the decision in the hands of a `read_committed` reader.
"""
import argparse
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

ROOT = Path(__file__).resolve().parents[2]
SITR = ROOT / "target/release/sitr"
MODEL = ROOT / "models/sitr"
PARTITIONS = 6
ADMIN = "127.0.0.1:9931"
PATIENCE = 300  # seconds for one phase


def post(line, number):
    return json.dumps({"post_id": f"c-{number}", "text": line["text"]}, ensure_ascii=False)


class Side:
    """One reader on topics of its own."""

    def __init__(self, name, args, work):
        self.name, self.args, self.work = name, args, work
        self.posts, self.group, self.process = f"{name}.posts", f"compare-{name}", None
        self.flags = [f"{name}.{t}" for t in ("takedown", "review", "care")] if name == "sitr" else [f"{name}.flags"]
        topics = [NewTopic(t, PARTITIONS, 1) for t in [self.posts, f"{name}.dead-letter", *self.flags]]
        admin = AdminClient({"bootstrap.servers": args.bootstrap})  # must outlive its futures
        for future in admin.create_topics(topics).values():
            future.result()

    def start(self):
        if self.name == "sitr":
            config = self.work / "sitr.toml"
            names = "".join(f'{key} = "sitr.{topic}"\n' for key, topic in [
                ("posts", "posts"), ("takedown", "takedown"), ("review", "review"), ("care", "care"), ("dead_letter", "dead-letter")])
            config.write_text(f'[kafka]\nbootstrap_servers = "{self.args.bootstrap}"\ngroup_id = "{self.group}"\n[topics]\n{names}'
                              f'[model]\ndir = "{MODEL}"\n[admin]\nlisten = "{ADMIN}"\n')
            command = [SITR, "run", "--config", config]
        else:
            command = [sys.executable, ROOT / "benches/compare/plain.py", "--bootstrap", self.args.bootstrap, "--group", self.group,
                       "--model", MODEL, "--posts", self.posts, "--flags", self.flags[0], "--threads", str(self.args.threads)]
        self.log = open(self.work / f"{self.name}.log", "ab")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def send(self, lines, first, rate=None):
        """Produces; {post_id: time of produce}."""
        producer, sent, begun = Producer({"bootstrap.servers": self.args.bootstrap, "linger.ms": 0 if rate else 20}), {}, time.monotonic()
        for n, line in enumerate(lines):
            if rate:
                time.sleep(max(0.0, begun + n / rate - time.monotonic()))
            sent[f"c-{first + n}"] = time.monotonic()
            while True:
                try:
                    producer.produce(self.posts, post(line, first + n), key=str(first + n))
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        producer.flush(60)
        return sent

    def throughput(self, lines):
        """Posts a second between the first committed position and the last."""
        self.send(lines, 0)
        self.start()
        watch = Consumer({"bootstrap.servers": self.args.bootstrap, "group.id": self.group})
        partitions = [TopicPartition(self.posts, p) for p in range(PARTITIONS)]
        first, deadline = None, time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                done = sum(max(0, p.offset) for p in watch.committed(partitions, timeout=30))
            except KafkaException:  # a coordinator that is not there yet
                continue
            now = time.monotonic()
            if done and first is None:
                first = (now, done)
            if done >= len(lines):
                watch.close()
                return (done - first[1]) / (now - first[0])
            time.sleep(0.02)
        raise SystemExit(f"compare: {self.name} did not finish within {PATIENCE} s")

    def latency(self, lines, first):
        """Milliseconds from produce to the decision at a reader, sorted; flagged posts only, the others publish nothing."""
        reader = Consumer({"bootstrap.servers": self.args.bootstrap, "group.id": f"reader-{self.name}", "auto.offset.reset": "latest",
                           "isolation.level": "read_committed", "fetch.wait.max.ms": 5})
        ends = []
        for topic in self.flags:
            for p in range(PARTITIONS):
                end = reader.get_watermark_offsets(TopicPartition(topic, p), timeout=10)[1]
                ends.append(TopicPartition(topic, p, end))
        reader.assign(ends)
        reader.poll(0.5)
        arrived = {}
        going = True

        def read():
            while going:
                record = reader.poll(0.05)
                if record is not None and record.error() is None:
                    arrived[json.loads(record.value())["post_id"]] = time.monotonic()

        thread = threading.Thread(target=read)
        thread.start()
        sent = self.send(lines, first, self.args.rate)
        time.sleep(3)
        going = False
        thread.join()
        reader.close()
        return sorted((arrived[i] - sent[i]) * 1000 for i in arrived if i in sent)


def classify(lines, work):
    """Posts a second of `sitr classify`, start and load included."""
    given, out = work / "posts.jsonl", work / "decisions.jsonl"
    given.write_text("\n".join(post(line, n) for n, line in enumerate(lines)))
    begun = time.monotonic()
    with open(out, "wb") as to:
        subprocess.run([SITR, "classify", "--model", MODEL, given], stdout=to, stderr=subprocess.DEVNULL, check=True)
    return len(lines) / (time.monotonic() - begun)


def transactions():
    """How many, their median (within its bucket as `histogram_quantile` guesses it) and the share under 10 ms, from /metrics."""
    page = urllib.request.urlopen(f"http://{ADMIN}/metrics", timeout=10).read().decode()
    buckets = [(float(le), int(n)) for le, n in re.findall(r'sitr_transaction_seconds_bucket\{le="([^"]+)"\} (\d+)', page)]
    total = buckets[-1][1]
    above = next(i for i, (_, n) in enumerate(buckets) if n * 2 >= total)
    (low, before), (high, upto) = buckets[above - 1], buckets[above]
    median = low + (high - low) * (total / 2 - before) / (upto - before)
    return {"transactions": total, "p50_ms": round(median * 1000, 1), "share_within_10_ms": round(dict(buckets)[0.01] / total, 3)}


def quantile(values, q):
    return round(values[min(len(values) - 1, int(q * len(values)))], 1)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bootstrap", required=True)
    arguments.add_argument("--out", default="target/compare.json")
    arguments.add_argument("--posts", default=ROOT / "demo/posts.jsonl", help="JSON Lines with `text`, repeated until --count")
    arguments.add_argument("--count", type=int, default=20_000, help="posts of the throughput phase")
    arguments.add_argument("--rate", type=float, default=100, help="posts a second of the latency phase")
    arguments.add_argument("--seconds", type=float, default=30, help="length of the latency phase")
    arguments.add_argument("--threads", type=int, default=0, help="threads of onnxruntime; 0: its choice")
    args = arguments.parse_args()
    texts = [json.loads(line) for line in Path(args.posts).read_text().splitlines()]
    repeat = lambda count: [texts[i % len(texts)] for i in range(count)]
    result = {"machine": {"cores": os.cpu_count(), "cpu": cpu(), "python": platform.python_version()},
              "posts": args.count, "rate": args.rate}
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        print("compare: sitr classify", flush=True)
        result["sitr classify"] = {"posts_per_second": round(classify(repeat(args.count), work))}
        for name in ["sitr", "python"]:
            print(f"compare: {name} on Kafka", flush=True)
            side = Side(name, args, work)
            try:
                rate = side.throughput(repeat(args.count))
                full = transactions() if name == "sitr" else None
                took = side.latency(repeat(int(args.rate * args.seconds)), args.count)
                all_of_them = transactions() if name == "sitr" else None
            finally:
                side.stop()
            key = "sitr run" if name == "sitr" else "python consumer"
            result[key] = {"posts_per_second": round(rate), "p50_ms": quantile(took, 0.5), "p99_ms": quantile(took, 0.99), "flags_timed": len(took)}
            if full:
                result[key]["transactions_under_full_load"], result[key]["transactions_of_the_whole_run"] = full, all_of_them
    ours, plain = result["sitr run"], result["python consumer"]
    result["ratios"] = {
        "sitr run / python consumer, posts per second": round(ours["posts_per_second"] / plain["posts_per_second"], 2),
        "sitr run / sitr classify, posts per second": round(ours["posts_per_second"] / result["sitr classify"]["posts_per_second"], 2),
        "python consumer / sitr run, p99": round(plain["p99_ms"] / ours["p99_ms"], 2)}
    Path(args.out).write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def cpu():
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found.group(1) if found else platform.processor()


if __name__ == "__main__":
    main()
