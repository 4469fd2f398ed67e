"""Picks posts to be read under our guideline: `python -m sitr_train.pick --data DIR --sitr SITR --model ../sitr --out DIR --count 10000`.

A third is drawn at random, a third where the shipped model is unsure, a third where a rare label or the cues of blackmail (threat,
demand, leverage, money, contact) show. Nothing here marks a post: a reader does, from the post alone. Parts are `NNN.tsv`
(number, text); `posts.jsonl` beside them keeps the ids and why each was picked, and never leaves the work folder.
"""
import argparse
import json
import pathlib
import subprocess

import numpy as np

from . import data

# Share of the picks by language: what people type least and models read worst comes first.
SHARE = {"ary-Latn": 0.34, "fr": 0.22, "ary-Arab": 0.28, "ar": 0.08, "arq-Latn": 0.03, "aeb-Latn": 0.05}
RARE = ["threat", "extortion", "sexual_harassment", "doxxing", "defamation", "impersonation", "misogyny"]
CUES = {"threat", "leverage", "demand", "deadline", "amount", "channel"}


def candidates(folder, seen):
    """Posts of the train parts that nobody has read; one of each text."""
    texts, out = set(), []
    marked, labelled, plain = data.public(folder)
    read = {r.id for r in marked} | seen
    for r in labelled + plain:
        if r.split == "train" and r.id not in read and r.lang in SHARE and 8 <= len(r.text) <= 600 and r.text not in texts:
            texts.add(r.text)
            out.append(r)
    return out


def scores(rows, sitr, model):
    source = "".join(json.dumps({"schema": "sitr.post.v1", "post_id": r.id, "text": r.text}, ensure_ascii=False) + "\n" for r in rows)
    run = subprocess.run([sitr, "classify", "--all-scores", "--model", model], input=source.encode(), stdout=subprocess.PIPE, check=True)
    lines = run.stdout.decode().splitlines()
    assert len(lines) == len(rows), "sitr classify gives one line a post"
    return [json.loads(line)["scores"] for line in lines]


def take(rows, order, reason, count, taken):
    for i in order:
        if count <= 0:
            return
        if rows[i].id not in taken:
            taken[rows[i].id] = (rows[i], reason)
            count -= 1


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "sitr", "model", "out"):
        ap.add_argument(f"--{name}", required=True)
    ap.add_argument("--count", type=int, default=10000)
    ap.add_argument("--part", type=int, default=125)
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--seen", nargs="*", default=[], help="posts.jsonl of earlier rounds")
    a = ap.parse_args()
    rng, out = np.random.default_rng(a.seed), pathlib.Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    seen = {json.loads(line)["id"] for path in a.seen for line in open(path, encoding="utf-8")}
    rows = data.normalise(candidates(a.data, seen), a.sitr, out)
    given, taken = scores(rows, a.sitr, a.model), {}
    for lang, share in SHARE.items():
        own = np.array([i for i, r in enumerate(rows) if r.lang == lang])
        third = int(a.count * share / 3)
        unsure = np.array([abs(given[i]["offensive"] - 0.5) for i in own])
        rare = np.array([max(given[i][label] for label in RARE) + 0.1 * len(CUES & set(rows[i].cues)) for i in own])
        jitter = rng.random(len(own)) * 0.05
        take(rows, own[np.argsort(unsure + jitter)], "unsure", third, taken)
        take(rows, own[np.argsort(-(rare + jitter))], "rare", third, taken)
        take(rows, rng.permutation(own), "random", third, taken)
    picked = list(taken.values())
    picked = [picked[i] for i in rng.permutation(len(picked))]
    with open(out / "posts.jsonl", "w", encoding="utf-8") as f:
        for number, (r, reason) in enumerate(picked, 1):
            f.write(json.dumps({"number": number, "id": r.id, "pick": reason}) + "\n")
    for start in range(0, len(picked), a.part):
        with open(out / f"{start // a.part + 1:03}.tsv", "w", encoding="utf-8") as f:
            for number, (r, _) in enumerate(picked[start:start + a.part], start + 1):
                f.write(f"{number}\t{' '.join(r.text.split())}\n")
    print(f"{len(picked)} posts in {-(-len(picked) // a.part)} parts")


if __name__ == "__main__":
    main()
