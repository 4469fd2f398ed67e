"""A small transformer over words, each word the mean of hashed character n-gram embeddings."""
import zlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SCALE = 3.0      # the mean of many small vectors is small: this brings it back to the size of one
MOST = 40        # n-grams a word at most; serving does the same


class Hasher:
    """Word -> bucket ids of the word itself and of its 2- to 5-grams. `sitr-model` holds the same recipe."""

    def __init__(self, buckets):
        self.buckets, self.cache = buckets, {}

    def __call__(self, word):
        if word not in self.cache:
            s = f"<{word}>"
            ids = [zlib.crc32(("W" + word).encode()) % self.buckets]
            ids += [zlib.crc32(s[i:i + n].encode()) % self.buckets for n in (2, 3, 4, 5) for i in range(len(s) - n + 1)]
            self.cache[word] = np.array(ids[:MOST], dtype=np.int64)
        return self.cache[word]


class Layer(nn.Module):
    """Pre-norm encoder layer, written out so that export.py can name its parts."""

    def __init__(self, dim, heads, drop):
        super().__init__()
        self.heads, self.drop = heads, drop
        self.norm1, self.qkv, self.out = nn.LayerNorm(dim), nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.norm2, self.up, self.down = nn.LayerNorm(dim), nn.Linear(dim, 3 * dim), nn.Linear(3 * dim, dim)

    def forward(self, x, bias):
        b, s, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, s, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=self.drop if self.training else 0.0)
        x = x + F.dropout(self.out(a.transpose(1, 2).reshape(b, s, d)), self.drop, self.training)
        return x + F.dropout(self.down(F.dropout(F.gelu(self.up(self.norm2(x))), self.drop, self.training)), self.drop, self.training)


class WordTransformer(nn.Module):
    def __init__(self, buckets, dim, layers, drop, outputs, length=128):
        super().__init__()
        self.grams = nn.EmbeddingBag(buckets, dim, mode="mean", sparse=True)
        nn.init.normal_(self.grams.weight, std=0.1)
        self.pos = nn.Embedding(length, dim)
        nn.init.normal_(self.pos.weight, std=0.02)
        self.norm, self.drop = nn.LayerNorm(dim), drop
        self.layers = nn.ModuleList(Layer(dim, max(1, dim // 32), drop) for _ in range(layers))
        self.attend = nn.Linear(dim, 1)
        self.final, self.head = nn.LayerNorm(2 * dim), nn.Linear(2 * dim, outputs)

    def embed(self, ids, offsets, mask):
        flat = torch.zeros(mask.numel(), self.grams.weight.shape[1])
        flat[mask.view(-1)] = self.grams(ids, offsets) * SCALE
        return flat.view(*mask.shape, -1)

    def encode(self, x, mask):
        x = F.dropout(self.norm(x + self.pos.weight[:mask.shape[1]]), self.drop, self.training)
        bias = torch.zeros(mask.shape).masked_fill(~mask, -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, bias)
        return x

    def pool(self, x, mask):
        weight = self.attend(x).squeeze(-1).masked_fill(~mask, -1e4).softmax(1)
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return torch.cat([(x * weight[..., None]).sum(1), mean], -1)

    def forward(self, ids, offsets, mask):
        x = self.pool(self.encode(self.embed(ids, offsets, mask), mask), mask)
        return self.head(F.dropout(self.final(x), self.drop, self.training))


def batches(posts, size, rng=None):
    """Index lists of posts of like length; shuffled when `rng` is given."""
    order = np.arange(len(posts))
    if rng is not None:
        rng.shuffle(order)
    out = []
    for c in range(0, len(order), size * 50):
        part = sorted(order[c:c + size * 50], key=lambda i: len(posts[i]))
        out += [part[i:i + size] for i in range(0, len(part), size)]
    if rng is not None:
        rng.shuffle(out)
    return out


def pack(posts, batch, gram_drop=0.0, rng=None):
    """(flat ids, offsets, mask); with `gram_drop` a share of the n-grams is dropped, never the first of a word."""
    mask = torch.zeros(len(batch), max(len(posts[i]) for i in batch), dtype=torch.bool)
    words = []
    for row, i in enumerate(batch):
        mask[row, :len(posts[i])] = True
        words += posts[i]
    lengths = np.fromiter((len(w) for w in words), dtype=np.int64, count=len(words))
    ids, starts = np.concatenate(words), np.concatenate([[0], np.cumsum(lengths)[:-1]])
    if gram_drop:
        keep = rng.random(len(ids)) >= gram_drop
        keep[starts] = True
        kept = np.add.reduceat(keep.astype(np.int64), starts)
        ids, starts = ids[keep], np.concatenate([[0], np.cumsum(kept)[:-1]])
    return torch.from_numpy(ids), torch.from_numpy(starts), mask
