"""Trains one bundle: `python -m sitr_train.train --config configs/first.toml --data ../../../shared/data --sitr SITR --work work/first`.

Writes checkpoints and a JSON Lines log into the work folder; started again, it goes on from the last finished phase or epoch.
"""
import argparse
import json
import pathlib
import random
import time
import tomllib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from . import augment, data, labels as L
from .model import Hasher, WordTransformer, batches, pack
from .pretrain import pretrain, rate


def columns(labelled):
    """Auxiliary columns with enough of both classes to teach anything."""
    count = {}
    for r in labelled:
        if r.split == "train":
            for c, v in ((c, v) for c, v in r.targets.items() if ":" in c):
                n = count.setdefault(c, [0, 0])
                n[int(v > 0.5)] += 1
    return sorted(c for c, (no, yes) in count.items() if no >= 100 and yes >= 100)


def dense_targets(rows, column):
    """[rows, columns] with NaN where nothing is known."""
    out = np.full((len(rows), len(column)), np.nan, dtype=np.float32)
    for i, r in enumerate(rows):
        for c, v in r.targets.items():
            if c in column:
                out[i, column[c]] = v
    return torch.from_numpy(out)


def loss_of(logits, y, weight, smooth, role):
    """Binary cross-entropy over what is known, and cross-entropy over the role where it is known."""
    known = ~torch.isnan(y)
    known[:, role] = False
    target = torch.nan_to_num(y) * (1 - 2 * smooth) + smooth
    each = F.binary_cross_entropy_with_logits(logits, target, reduction="none") * known
    # A head's share is its rows, not its columns: a row with twenty known columns must not count twenty times one with one.
    per_row = each.sum(1) / known.sum(1).clamp(min=1).sqrt()
    has_role = ~torch.isnan(y[:, role.start])
    if has_role.any():
        per_row = per_row.clone()
        per_row[has_role] += F.cross_entropy(logits[has_role, role], y[has_role, role], reduction="none", label_smoothing=0.05)
    return (per_row * weight).mean()


def soften(rows, path):
    """Gives rows that nobody marked under our guideline the teacher's probabilities as targets (see teacher.py)."""
    soft = np.load(path)
    ids, probabilities = soft["ids"], soft["probabilities"]      # an archive reads its file again at each access
    place = {post: i for i, post in enumerate(ids.tolist())}
    for r in rows:
        i = place.get(r.id)
        if i is not None:
            r.targets.update({name: float(p) for name, p in zip(L.OUTPUTS, probabilities[i]) if not np.isnan(p)})
            r.weight = r.weight or 1.0


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    for name in ("config", "data", "sitr", "work"):
        ap.add_argument(f"--{name}", required=True)
    ap.add_argument("--only-pretrain", action="store_true", help="stop after the phase that needs no labels")
    a = ap.parse_args()
    cfg = tomllib.loads(pathlib.Path(a.config).read_text())
    work = pathlib.Path(a.work)
    work.mkdir(parents=True, exist_ok=True)
    begun = time.time()

    def log(**fields):
        line = json.dumps({"t": round(time.time() - begun), **fields})
        print(line, flush=True)
        with open(work / "log.jsonl", "a") as f:
            f.write(line + "\n")

    random.seed(cfg["seed"]); np.random.seed(cfg["seed"]); torch.manual_seed(cfg["seed"])
    torch.set_num_threads(cfg["threads"])
    rng = np.random.default_rng(cfg["seed"])
    marked, labelled, plain = data.public(a.data)
    written = data.corpus(pathlib.Path(__file__).resolve().parent.parent / "corpus")
    # Other spellings of what is trained on: of the corpus, and of marked posts in scripts without a norm.
    loose = [r for r in marked if r.lang in augment.LATIN and r.split == "train"]
    spelt = augment.more([r for r in written if r.split == "train"], cfg.get("spellings_corpus", 0), rng)
    spelt += augment.more(loose, cfg.get("spellings_marked", 0), rng)
    everything = data.normalise(marked + labelled + plain + written, a.sitr, work)
    if spelt:
        data.normalise(spelt, a.sitr, work)
    if cfg.get("teacher"):
        ours = {r.id for r in marked}
        soften([r for r in labelled + plain if r.id not in ours], work.parent / cfg["teacher"])
    aux = columns(labelled)
    column = {c: i for i, c in enumerate(L.OUTPUTS + aux)}
    log(phase="data", marked=len(marked), labelled=len(labelled), plain=len(plain), corpus=len(written), columns=len(column))

    hasher = Hasher(cfg["buckets"])
    encode = lambda r: [hasher(w) for w in r.words[:cfg["max_len"]]] or [hasher(".")]
    model = WordTransformer(cfg["buckets"], cfg["dim"], cfg["layers"], cfg["drop"], len(column))
    done = work / "pretrained.pt"
    if done.exists():
        model.load_state_dict(torch.load(done), strict=False)
    elif cfg["pretrain_epochs"]:
        held = {tuple(r.words) for r in everything if r.split != "train"}
        seen, rows = set(), []
        for r in everything:
            key = tuple(r.words[:64])
            if r.split == "train" and len(key) >= 4 and key not in seen and tuple(r.words) not in held:
                seen.add(key)
                rows.append(r)
        if cfg.get("pretrain_limit"):
            rows = [rows[i] for i in rng.permutation(len(rows))[:cfg["pretrain_limit"]]]
        index = {}
        ids = [[index.setdefault(w, len(index)) for w in r.words[:64]] for r in rows]
        log(phase="pretrain", posts=len(rows), words=len(index))
        pretrain(model, [[hasher(w) for w in r.words[:64]] for r in rows], ids, cfg, log, rng)
        torch.save({k: v for k, v in model.state_dict().items() if not k.startswith(("head", "final", "attend"))}, done)

    if a.only_pretrain:
        return
    train = []
    for r in marked + labelled + written + spelt + [r for r in plain if r.targets]:
        if r.split != "train":
            continue
        times = cfg["corpus_times"] if r.origin == "corpus" and not r.kind.endswith("~") else 1
        rare = max((r.targets.get(c, 0) for c in ("threat", "sexual_harassment", "defamation", "misogyny")), default=0)
        if r.origin != "corpus" and rare >= 0.5:
            times = cfg["rare_times"]
        train += [r] * times
    x, y = [encode(r) for r in train], dense_targets(train, column)
    weight = torch.tensor([r.weight for r in train])
    role = slice(L.COLUMN["role.perpetrator"], L.COLUMN["role.unclear"] + 1)
    dense = [p for n, p in model.named_parameters() if n != "grams.weight"]
    optims = (torch.optim.SparseAdam([model.grams.weight], lr=2 * cfg["lr"]), torch.optim.AdamW(dense, lr=cfg["lr"], weight_decay=0.05))
    per_epoch = len(batches(x, 64))
    total, step = per_epoch * cfg["epochs"], 0
    log(phase="train", rows=len(train), steps=total)
    for epoch in range(cfg["epochs"]):
        model.train()
        losses = []
        for b in batches(x, 64, rng):
            for o, k in zip(optims, (2, 1)):
                o.param_groups[0]["lr"] = k * cfg["lr"] * rate(step, total, 0.05)
            step += 1
            ids, offsets, mask = pack(x, b, cfg["gram_drop"], rng)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=cfg["bf16"]):
                logits = model(ids, offsets, mask)
            loss = loss_of(logits.float(), y[b], weight[b], cfg["smooth"], role)
            for o in optims:
                o.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(dense, 1.0)
            for o in optims:
                o.step()
            losses.append(loss.item())
            if step % 200 == 0:
                log(phase="train", epoch=epoch, step=step, total=total, loss=round(float(np.mean(losses[-200:])), 4))
        torch.save({"columns": list(column), "state": model.state_dict(), "config": cfg}, work / f"epoch-{epoch + 1}.pt")
        log(phase="saved", epoch=epoch + 1)
    torch.save({"columns": list(column), "state": model.state_dict(), "config": cfg}, work / "model.pt")
    log(phase="done")


if __name__ == "__main__":
    main()
