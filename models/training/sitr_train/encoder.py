"""A teacher: the pruned multilingual encoder, fine-tuned with the same heads as the judge.

`python -m sitr_train.encoder --config configs/teacher-encoder.toml --encoder DIR --data DIR --sitr SITR --work DIR` where `--encoder`
holds `encoder.q4.safetensors`, `tokenizer.json` and `config.json` (multilingual-e5-small, MIT, 40,000 pieces kept). It reads the raw
text, so that its mistakes differ from those of the n-gram model. Started again, it goes on from the last checkpoint.
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
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from . import data, labels as L
from .model import batches
from .pretrain import rate
from .train import columns, dense_targets, loss_of

PAD = 1


def weights(folder):
    """The stored Q4 blocks (18 bytes: f16 scale, 32 nibbles) as float32, by their Hugging Face names."""
    out = {}
    for name, v in load_file(str(pathlib.Path(folder) / "encoder.q4.safetensors")).items():
        if name.endswith(".q4"):
            scale, q = v[:, :, :2].copy().view(np.float16).astype(np.float32), v[:, :, 2:]
            v = ((np.concatenate([q & 15, q >> 4], 2).astype(np.float32) - 8) * scale).reshape(v.shape[0], -1)
            name = name[:-3]
        out[name] = torch.from_numpy(np.ascontiguousarray(v))
    return out


class Block(nn.Module):
    """Post-norm BERT layer with fused queries, keys and values."""

    def __init__(self, w, prefix, heads, eps):
        super().__init__()
        g = lambda name: w[f"{prefix}.{name}"]
        self.heads = heads
        take = lambda names: (torch.cat([g(f"{n}.weight") for n in names]), torch.cat([g(f"{n}.bias") for n in names]))
        self.qkv = self.linear(*take([f"attention.self.{n}" for n in ("query", "key", "value")]))
        self.out, self.up, self.down = (self.linear(*take([n])) for n in ("attention.output.dense", "intermediate.dense", "output.dense"))
        self.norm1, self.norm2 = (self.layer_norm(g(f"{n}.LayerNorm.weight"), g(f"{n}.LayerNorm.bias"), eps) for n in ("attention.output", "output"))

    @staticmethod
    def linear(weight, bias):
        layer = nn.Linear(weight.shape[1], weight.shape[0])
        layer.weight.data, layer.bias.data = weight.clone(), bias.clone()
        return layer

    @staticmethod
    def layer_norm(weight, bias, eps):
        layer = nn.LayerNorm(len(weight), eps)
        layer.weight.data, layer.bias.data = weight.clone(), bias.clone()
        return layer

    def forward(self, x, mask, drop):
        b, s, d = x.shape
        q, k, v = self.qkv(x).view(b, s, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(b, s, d)
        x = self.norm1(x + F.dropout(self.out(a), drop, self.training))
        return self.norm2(x + F.dropout(self.down(F.gelu(self.up(x))), drop, self.training))


class Encoder(nn.Module):
    def __init__(self, folder, layers, outputs, drop=0.1):
        super().__init__()
        w, cfg = weights(folder), json.loads((pathlib.Path(folder) / "config.json").read_text())
        eps, self.drop = cfg["layer_norm_eps"], drop
        self.word = nn.Embedding.from_pretrained(w["embeddings.word_embeddings.weight"], freeze=False)
        self.pos = nn.Embedding.from_pretrained(w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0], freeze=False)
        self.norm = Block.layer_norm(w["embeddings.LayerNorm.weight"], w["embeddings.LayerNorm.bias"], eps)
        self.blocks = nn.ModuleList(Block(w, f"encoder.layer.{i}", cfg["num_attention_heads"], eps) for i in layers)
        self.head = nn.Linear(cfg["hidden_size"], outputs)
        nn.init.normal_(self.head.weight, std=0.02)

    def forward(self, ids, mask):
        x = F.dropout(self.norm(self.word(ids) + self.pos.weight[:ids.shape[1]]), self.drop, self.training)
        for block in self.blocks:
            x = block(x, mask[:, None, None, :], self.drop)
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.head(F.dropout(mean, self.drop, self.training))


def tokens(folder, rows, max_len):
    tokenizer = Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))
    tokenizer.enable_truncation(max_len)
    tokenizer.no_padding()
    return [np.array(e.ids, dtype=np.int64) for e in tokenizer.encode_batch([r.text for r in rows])]


def pad(posts, batch):
    ids = torch.full((len(batch), max(len(posts[i]) for i in batch)), PAD)
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for row, i in enumerate(batch):
        ids[row, :len(posts[i])] = torch.from_numpy(posts[i])
        mask[row, :len(posts[i])] = True
    return ids, mask


def logits(model, folder, rows, cfg):
    """Logits of the judge's outputs for every row."""
    x, out = tokens(folder, rows, cfg["max_len"]), np.zeros((len(rows), len(L.OUTPUTS)), dtype=np.float32)
    model.eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=cfg["bf16"]):
        for b in batches(x, 64):
            out[b] = model(*pad(x, b))[:, :len(L.OUTPUTS)].float().numpy()
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    for name in ("config", "encoder", "data", "sitr", "work"):
        ap.add_argument(f"--{name}", required=True)
    a = ap.parse_args()
    cfg, work, begun = tomllib.loads(pathlib.Path(a.config).read_text()), pathlib.Path(a.work), time.time()
    work.mkdir(parents=True, exist_ok=True)

    def log(**fields):
        line = json.dumps({"t": round(time.time() - begun), **fields})
        print(line, flush=True)
        with open(work / "log.jsonl", "a") as f:
            f.write(line + "\n")

    random.seed(cfg["seed"]); np.random.seed(cfg["seed"]); torch.manual_seed(cfg["seed"])
    torch.set_num_threads(cfg["threads"])
    rng = np.random.default_rng(cfg["seed"])
    marked, labelled, _ = data.public(a.data)
    written = data.corpus(pathlib.Path(__file__).resolve().parent.parent / "corpus")
    column = {c: i for i, c in enumerate(L.OUTPUTS + columns(labelled))}
    others = [r for r in labelled if r.split == "train"]
    others = [others[i] for i in rng.permutation(len(others))[:cfg["others"]]]
    train = [r for r in marked if r.split == "train"] + others + [r for r in written if r.split == "train"] * cfg["corpus_times"]
    x, y = tokens(a.encoder, train, cfg["max_len"]), dense_targets(train, column)
    weight = torch.tensor([r.weight for r in train])
    role = slice(L.COLUMN["role.perpetrator"], L.COLUMN["role.unclear"] + 1)
    model = Encoder(a.encoder, cfg["layers"], len(column))
    rest = [p for n, p in model.named_parameters() if n != "word.weight"]
    optim = torch.optim.AdamW([{"params": rest, "weight_decay": 0.01}, {"params": [model.word.weight], "weight_decay": 0.0}], lr=cfg["lr"], fused=True)
    plan = [b for _ in range(cfg["epochs"]) for b in batches(x, 32, rng)]
    done, losses = 0, []
    if (work / "checkpoint.pt").exists():
        saved = torch.load(work / "checkpoint.pt", weights_only=False)
        model.load_state_dict(saved["state"]); optim.load_state_dict(saved["optim"])
        done = saved["done"]
    log(phase="train", rows=len(train), steps=len(plan), done=done)
    model.train()
    for step, b in enumerate(plan):
        if step < done:
            continue
        for group in optim.param_groups:
            group["lr"] = cfg["lr"] * rate(step, len(plan), 0.05)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=cfg["bf16"]):
            z = model(*pad(x, b))
        loss = loss_of(z.float(), y[b], weight[b], cfg["smooth"], role)
        optim.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(rest, 1.0)
        optim.step()
        losses.append(loss.item())
        if step % 200 == 199:
            log(phase="train", step=step + 1, total=len(plan), loss=round(float(np.mean(losses[-200:])), 4))
        if step % 1000 == 999:
            torch.save({"state": model.state_dict(), "optim": optim.state_dict(), "done": step + 1}, work / "checkpoint.pt")
    torch.save({"columns": list(column), "state": model.state_dict(), "config": cfg}, work / "model.pt")
    log(phase="done")


if __name__ == "__main__":
    main()
