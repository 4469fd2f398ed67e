"""Pre-training without labels: a fifth of the words of a post is hidden and must be told apart from the batch's other hidden words."""
import collections
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from .model import batches, pack


def rate(step, total, warm):
    return min((step + 1) / (warm * total), max(0.02, 1 - step / total))


def pretrain(model, posts, word_ids, cfg, log, rng):
    """`posts`: lists of n-gram arrays; `word_ids`: the same posts as lists of integer word ids."""
    dim = model.grams.weight.shape[1]
    hidden, out, target = nn.Parameter(torch.randn(dim) * 0.3), nn.Linear(dim, dim), nn.Linear(dim, dim)
    skip = ("grams", "attend", "final", "head")
    dense = [p for n, p in model.named_parameters() if not n.startswith(skip)] + [hidden, *out.parameters(), *target.parameters()]
    optims = (torch.optim.SparseAdam([model.grams.weight], lr=cfg["lr"]), torch.optim.AdamW(dense, lr=cfg["lr"], weight_decay=0.01))
    total, step, start, seen = len(batches(posts, 96)) * cfg["pretrain_epochs"], 0, time.time(), collections.deque(maxlen=200)
    model.train()
    for _ in range(cfg["pretrain_epochs"]):
        for b in batches(posts, 96, rng):
            for o in optims:
                o.param_groups[0]["lr"] = cfg["lr"] * rate(step, total, 0.03)
            step += 1
            ids, offsets, mask = pack(posts, b)
            x = model.embed(ids, offsets, mask)
            picked = (torch.rand(mask.shape) < 0.2) & mask
            if picked.sum() < 2:
                continue
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=cfg["bf16"]):
                h = model.encode(torch.where(picked[..., None], hidden, x), mask)
                where = picked.nonzero().numpy()
                said = np.array([word_ids[b[r]][c] for r, c in where])
                _, first, label = np.unique(said, return_index=True, return_inverse=True)
                candidates = x[where[first, 0], where[first, 1]]
                label = torch.from_numpy(label)
                logit = F.normalize(out(h[picked]).float(), dim=-1) @ F.normalize(target(candidates).float(), dim=-1).T / 0.07
            # A frequent word is drawn more often as a candidate: take its advantage away.
            logit = logit - torch.bincount(label, minlength=len(first)).float().log()
            loss = F.cross_entropy(logit, label)
            for o in optims:
                o.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(dense, 1.0)
            for o in optims:
                o.step()
            seen.append(loss.item())
            if step % 200 == 0:
                log(phase="pretrain", step=step, total=total, loss=round(sum(seen) / len(seen), 4), seconds=round(time.time() - start))
