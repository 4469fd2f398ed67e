"""Calibration and thresholds from rows that were not trained on (split dev), and an honest table on split test."""
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_curve, roc_auc_score

from . import labels as L
from .model import batches, pack

# Languages with calibration of their own; the others use the default.
LANGS = ["ary-Arab", "ary-Latn", "ar", "fr", "mixed"]
CUE_FEATURES = ["demand", "threat", "leverage", "deadline", "amount", "channel", "target", "victim", "help", "report", "campaign",
                "law", "quote", "banter", "commerce", "debt", "demand+threat", "demand+leverage"]
# Wanted on the split dev.
PRECISION = {"extortion": 0.85}
# Outputs whose logit is joined with cues: they are the ones that the public sources do not teach.
WITH_CUES = ["extortion", "threat", "distress"]


def as_serving(lang):
    """The data's finer language names as `sitr` detects them."""
    return {"arq-Arab": "ary-Arab", "aeb-Arab": "ary-Arab", "arq-Latn": "ary-Latn", "aeb-Latn": "ary-Latn"}.get(lang, lang)


def logits(model, rows, hasher, max_len):
    x = [[hasher(w) for w in r.words[:max_len]] or [hasher(".")] for r in rows]
    out = np.zeros((len(rows), len(L.OUTPUTS)), dtype=np.float32)
    model.eval()
    with torch.inference_mode():
        for b in batches(x, 128):
            out[b] = model(*pack(x, b))[:, :len(L.OUTPUTS)].numpy()
    return out


def cue_matrix(rows):
    m = np.zeros((len(rows), len(CUE_FEATURES)), dtype=np.float32)
    for i, r in enumerate(rows):
        have = set(r.cues)
        for j, feature in enumerate(CUE_FEATURES):
            m[i, j] = all(part in have for part in feature.split("+"))
    return m


def known(rows, column):
    return np.array([i for i, r in enumerate(rows) if column in r.targets], dtype=np.int64)


def platt(z, y, extra=None, c=1.0):
    """(a, b, weights of `extra`) of p = sigmoid(a z + b + w extra); the prior keeps a few hundred rows from overfitting."""
    x = z[:, None] if extra is None else np.concatenate([z[:, None], extra], 1)
    fit = LogisticRegression(C=c, max_iter=2000).fit(x, y)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0]), fit.coef_[0, 1:]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def probability(z, rows, name, cal):
    """What serving computes, for a whole column."""
    out = np.zeros(len(rows))
    cue = cue_matrix(rows) if name in cal["cues"] else None
    for i, r in enumerate(rows):
        p = cal["langs"].get(r.detected, {}).get(name) or cal["default"].get(name) or {"a": 1.0, "b": 0.0}
        v = p["a"] * z[i] + p["b"]
        if cue is not None:
            v += sum(w * cue[i, CUE_FEATURES.index(f)] for f, w in cal["cues"][name].items())
        out[i] = sigmoid(v)
    return out


def fit(z, rows):
    """Platt per output and language, cue weights, thresholds; from dev rows."""
    cal = {"default": {}, "langs": {lang: {} for lang in LANGS}, "cues": {}, "thresholds": {"default": {}, **{lang: {} for lang in LANGS}}}
    cues = cue_matrix(rows)
    for name in L.LABELS + ["distress", "partial.demand", "partial.threat"]:
        i, col = known(rows, name), L.COLUMN[name]
        y = np.array([rows[k].targets[name] >= 0.5 for k in i])
        if y.sum() < 8:
            continue
        if name in WITH_CUES:
            a, b, w = platt(z[i, col], y, cues[i], 0.3)
            cal["cues"][name] = {f: round(float(v), 4) for f, v in zip(CUE_FEATURES, w) if abs(v) > 0.02}
        else:
            a, b, _ = platt(z[i, col], y)
        cal["default"][name] = {"a": round(a, 4), "b": round(b, 4)}
        for lang in LANGS:
            own = np.array([k for k, j in enumerate(i) if rows[j].detected == lang])
            if name in cal["cues"] or len(own) < 200 or y[own].sum() < 40:
                continue
            a, b, _ = platt(z[i[own], col], y[own])
            cal["langs"][lang][name] = {"a": round(a, 4), "b": round(b, 4)}
        p = probability(z[i, col], [rows[k] for k in i], name, cal)
        if name in L.LABELS:
            # A precision over a few dozen rows of one language is noise: one threshold for all.
            for lang in ["default"] + (LANGS if name not in PRECISION else []):
                own = np.arange(len(i)) if lang == "default" else np.array([k for k, j in enumerate(i) if rows[j].detected == lang], dtype=np.int64)
                if len(own) >= 100 and y[own].sum() >= 20:
                    cal["thresholds"][lang][name] = round(threshold(p[own], y[own], name), 3)
    return cal


def threshold(p, y, name):
    """`offensive`: best macro-F1. Extortion: the lowest that keeps its precision, since a missed blackmailer goes on and a wrong hold
    is looked at by a person. Others: best F0.5, since a wrong flag costs more than a missed one. Never under 0.3."""
    if name in PRECISION:
        precision, _, at = precision_recall_curve(y, p)
        return float(np.clip(min((t for q, t in zip(precision, at) if q >= PRECISION[name]), default=0.5), 0.3, 0.9))
    if name == "offensive":
        grid = np.linspace(0.2, 0.8, 61)
        return float(max(grid, key=lambda t: f1_score(y, p >= t, average="macro")))
    precision, recall, at = precision_recall_curve(y, p)
    f = 1.25 * precision * recall / np.maximum(0.25 * precision + recall, 1e-9)
    return float(np.clip(at[int(np.argmax(f[:-1]))], 0.3, 0.9))


def ece(p, y, bins=10):
    edge = np.clip((p * bins).astype(int), 0, bins - 1)
    return float(sum(abs(p[edge == k].mean() - y[edge == k].mean()) * (edge == k).mean() for k in range(bins) if (edge == k).any()))


def table(z, rows, cal):
    """One dictionary a (label, slice) with n, positives, precision, recall, macro-F1, AUC and ECE."""
    out = []
    for name in L.LABELS + ["distress"]:
        i = known(rows, name)
        if not len(i):
            continue
        part = [rows[k] for k in i]
        y, p = np.array([r.targets[name] >= 0.5 for r in part]), probability(z[i, L.COLUMN[name]], part, name, cal)
        t = np.array([cal["thresholds"].get(r.detected, {}).get(name, cal["thresholds"]["default"].get(name, 0.5)) for r in part])
        lang = np.array([as_serving(r.lang) for r in part])
        for s in ["all"] + LANGS:
            m = np.ones(len(i), bool) if s == "all" else lang == s
            if m.sum() < 40 or y[m].sum() < 5:
                continue
            over = p[m] >= t[m]
            tp = int((over & y[m]).sum())
            out.append({"label": name, "slice": s, "n": int(m.sum()), "positives": int(y[m].sum()),
                        "precision": tp / max(1, int(over.sum())), "recall": tp / max(1, int(y[m].sum())),
                        "macro_f1": float(f1_score(y[m], over, average="macro")), "auc": float(roc_auc_score(y[m], p[m])), "ece": ece(p[m], y[m])})
    return out
