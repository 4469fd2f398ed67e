"""A plain Python consumer of the same model: confluent-kafka, tokenizers, onnxruntime; what a good engineer writes in a day.

It reads posts, scores them, publishes those over the extortion, threat or offensive threshold, and commits outputs and
positions in one transaction, as Sitr does. It does LESS than Sitr: NFKC and lower case instead of the normal form, the first
`max_len` words instead of windows, no cues, no role, no spans, no explanations, no dead letters with reasons. Where the two
differ, the difference is in its favour.
"""
import argparse
import json
import signal
import time
import tomllib
import zlib
from pathlib import Path

import numpy as np
import onnxruntime
from confluent_kafka import Consumer, Producer, TopicPartition
from tokenizers import normalizers, pre_tokenizers

MOST_WORDS = 50_000  # of the cache, as in Sitr
SHOWN = ["offensive", "threat", "extortion"]


class Model:
    """Word vectors from the table of n-grams, the transformer in onnxruntime. The recipe of `crates/sitr-model/src/ngrams.rs`."""

    def __init__(self, directory, threads):
        bundle = tomllib.loads((directory / "bundle.toml").read_text())
        self.recipe, self.most_words = bundle["ngrams"], bundle["max_len"]
        width = self.recipe["dim"] + 2
        rows = np.fromfile(directory / self.recipe["table"], np.uint8).reshape(self.recipe["buckets"], width)
        self.steps = rows[:, :2].copy().view("<f2")[:, 0].astype(np.float32)
        self.table = rows[:, 2:].view(np.int8)
        self.cache = {}
        self.normal = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
        self.split = pre_tokenizers.Whitespace()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(directory / "model.onnx", options)
        thresholds, calibration = bundle["thresholds"]["default"], bundle["calibration"]["default"]
        self.columns = [(label, bundle["outputs"].index(label), thresholds[label], calibration[label]) for label in SHOWN]

    def vector(self, word):
        vector = self.cache.get(word)
        if vector is None:
            framed, r = f"<{word}>", self.recipe
            ids = [zlib.crc32(("W" + word).encode())]
            ids += [zlib.crc32(framed[i:i + n].encode()) for n in range(r["min"], r["max"] + 1) for i in range(len(framed) - n + 1)]
            ids = np.array(ids[:r["most"]]) % r["buckets"]
            vector = (self.table[ids] * self.steps[ids, None]).sum(0) * (r["scale"] / len(ids))
            if len(self.cache) < MOST_WORDS:
                self.cache[word] = vector
        return vector

    def words(self, text):
        return [w for w, _ in self.split.pre_tokenize_str(self.normal.normalize_str(text))][:self.most_words] or ["_"]

    def scores(self, texts):
        """{label: probability} a text; batches of posts of like length, as Sitr makes them."""
        words = [self.words(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(words[i]))
        out = [None] * len(texts)
        for start in range(0, len(order), 8):
            batch = order[start:start + 8]
            longest = max(len(words[i]) for i in batch)
            x = np.zeros((len(batch), longest, self.recipe["dim"]), np.float32)
            mask = np.zeros((len(batch), longest), np.float32)
            for row, i in enumerate(batch):
                x[row, :len(words[i])] = [self.vector(word) for word in words[i]]
                mask[row, :len(words[i])] = 1
            logits = self.session.run(None, {"words": x, "mask": mask})[0]
            for row, i in enumerate(batch):
                out[i] = {label: 1 / (1 + np.exp(-(c["a"] * float(logits[row, at]) + c["b"]))) for label, at, _, c in self.columns}
        return out

    def over(self, scores):
        return [label for label, _, threshold, _ in self.columns if scores[label] >= threshold]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    for name in ["bootstrap", "group", "model", "posts", "flags"]:
        arguments.add_argument(f"--{name}", required=True)
    arguments.add_argument("--threads", type=int, default=0, help="of onnxruntime; 0: its choice")
    args = arguments.parse_args()
    model = Model(Path(args.model), args.threads)
    consumer = Consumer({"bootstrap.servers": args.bootstrap, "group.id": args.group, "enable.auto.commit": False,
                         "auto.offset.reset": "earliest", "isolation.level": "read_committed"})
    producer = Producer({"bootstrap.servers": args.bootstrap, "transactional.id": args.group, "linger.ms": 0})
    producer.init_transactions()
    consumer.subscribe([args.posts])
    going = True

    def stop(*_):
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    positions, waiting, since = {}, [], time.monotonic()
    while going:
        records = consumer.consume(64, timeout=0.02)
        posts = []
        for record in records:
            positions[record.topic(), record.partition()] = record.offset() + 1
            try:
                posts.append(json.loads(record.value()))
            except ValueError:
                print("a broken record was skipped", flush=True)
        for post, scores in zip(posts, model.scores([post["text"] for post in posts])):
            if labels := model.over(scores):
                waiting.append(json.dumps({"post_id": post["post_id"], "labels": labels, "scores": scores}))
        if positions and time.monotonic() - since >= 0.1:
            producer.begin_transaction()
            for decision in waiting:
                producer.produce(args.flags, decision)
            ends = [TopicPartition(topic, partition, at) for (topic, partition), at in positions.items()]
            producer.send_offsets_to_transaction(ends, consumer.consumer_group_metadata())
            producer.commit_transaction()
            positions, waiting, since = {}, [], time.monotonic()
    consumer.close()


if __name__ == "__main__":
    main()
