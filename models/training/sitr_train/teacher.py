"""What several models say together of posts that nobody marked: targets for the shipped judge (distillation).

`python -m sitr_train.teacher --data DIR --sitr SITR --work DIR --members second [third …] [--encoder DIR] --out teacher.npz` — members are
work folders of `train.py` (or of `encoder.py`, named `encoder…`) beside `--work`; a character n-gram linear model, fitted here on the
marks in under two minutes, is always one more. Logits are brought to one scale on the split dev, averaged, and turned into probabilities.
It also prints how good each member and the whole are on the split test, so that the table of experiments can be kept.
"""
import argparse
import pathlib

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import f1_score, roc_auc_score

from . import calibrate, data, encoder, labels as L
from .model import Hasher, WordTransformer

SHOWN = ["offensive", "harassment", "hate", "misogyny", "threat", "extortion"]


def ngrams(work, rows):
    saved = torch.load(work / "model.pt", weights_only=False)
    cfg = saved["config"]
    model = WordTransformer(cfg["buckets"], cfg["dim"], cfg["layers"], cfg["drop"], len(saved["columns"]))
    model.load_state_dict(saved["state"])
    return calibrate.logits(model, rows, Hasher(cfg["buckets"]), cfg["max_len"])


def pieces(work, folder, rows):
    saved = torch.load(work / "model.pt", weights_only=False)
    model = encoder.Encoder(folder, saved["config"]["layers"], len(saved["columns"]))
    model.load_state_dict(saved["state"])
    return encoder.logits(model, folder, rows, saved["config"])


def linear(train, rows):
    """Character 2- to 5-grams in words, one logistic regression an output; NaN where the marks teach nothing."""
    text = lambda part: [" ".join(r.words) for r in part]
    vector = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True, max_features=300000)
    x, z = vector.fit_transform(text(train)), np.full((len(rows), len(L.OUTPUTS)), np.nan, dtype=np.float32)
    given = vector.transform(text(rows))
    for name in L.LABELS + ["distress"]:
        i = calibrate.known(train, name)
        y = np.array([train[k].targets[name] >= 0.5 for k in i])
        if y.sum() >= 100:
            fit = SGDClassifier(loss="log_loss", alpha=3e-6, max_iter=20, random_state=0).fit(x[i], y)
            z[:, L.COLUMN[name]] = fit.decision_function(given)
    return z


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "sitr", "work", "out"):
        ap.add_argument(f"--{name}", required=True)
    ap.add_argument("--members", nargs="+", required=True)
    ap.add_argument("--encoder")
    a = ap.parse_args()
    work = pathlib.Path(a.work)
    torch.set_num_threads(2)
    marked, labelled, plain = data.public(a.data)
    written = data.corpus(pathlib.Path(__file__).resolve().parent.parent / "corpus")
    everything = data.normalise(marked + labelled + plain + written, a.sitr, work)
    ours = {r.id for r in marked}
    seen, open_ = set(), []
    for r in labelled + plain:
        if r.split == "train" and r.id not in ours and r.id not in seen and r.words:
            seen.add(r.id)
            open_.append(r)
    judged = marked + written
    dev, test = ([i for i, r in enumerate(judged) if r.split == s] for s in ("dev", "test"))
    rows = judged + open_
    train = [r for r in judged if r.split == "train"]
    members = {"linear": linear(train, rows)}
    for name in a.members:
        members[name] = pieces(work.parent / name, a.encoder, rows) if name.startswith("encoder") else ngrams(work.parent / name, rows)
        print(name, "has read", len(rows), "posts", flush=True)
    mean = np.zeros((len(rows), len(L.OUTPUTS)), dtype=np.float64)
    for c, name in enumerate(L.OUTPUTS):
        known = [i for i in dev if name in judged[i].targets]
        y = np.array([judged[i].targets[name] >= 0.5 for i in known], dtype=bool)
        parts = []
        for z in members.values():
            if np.isnan(z[:, c]).any():
                continue
            if y.sum() >= 8 and not name.startswith(("role", "subtype")):
                fit = LogisticRegression(C=1.0).fit(z[known, c][:, None], y)
                z[:, c] = fit.coef_[0, 0] * z[:, c] + fit.intercept_[0]
            parts.append(z[:, c])
        mean[:, c] = np.mean(parts, axis=0)
    for name, z in [*members.items(), ("together", mean)]:
        told = []
        for label in SHOWN:
            i = [k for k in test if label in judged[k].targets]
            y, v = np.array([judged[k].targets[label] >= 0.5 for k in i]), z[i, L.COLUMN[label]]
            if not np.isnan(v).any():
                told.append(f"{label} {f1_score(y, v >= 0, average='macro'):.3f}/{roc_auc_score(y, v):.3f}")
        print(f"{name:<12}" + "  ".join(told), flush=True)
    p = (1 / (1 + np.exp(-mean[len(judged):]))).astype(np.float32)
    role = slice(L.COLUMN["role.perpetrator"], L.COLUMN["role.unclear"] + 1)
    e = np.exp(mean[len(judged):, role] - mean[len(judged):, role].max(1, keepdims=True))
    p[:, role] = e / e.sum(1, keepdims=True)
    # What the corpus alone teaches is passed on too; the kind of demand only where one is likely.
    p[:, L.COLUMN["subtype.money"]:] = np.nan
    np.savez(a.out, ids=np.array([r.id for r in open_]), probabilities=p)
    print(len(open_), "posts with soft targets in", a.out)


if __name__ == "__main__":
    main()
