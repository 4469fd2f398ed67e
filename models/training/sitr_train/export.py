"""Writes a bundle: `python -m sitr_train.export --work work/first --data ../../../shared/data --sitr SITR --out ../sitr`."""
import argparse
import hashlib
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
import torch

from . import calibrate, data, labels as L
from .graph import build
from .model import SCALE, Hasher, WordTransformer


def quantise(table):
    """Rows of: f16 scale, then dim x i8. One scale a row."""
    scale = (np.abs(table).max(1) / 127).astype(np.float16)
    scale[scale == 0] = np.float16(1e-4)
    q = np.clip(np.rint(table / scale[:, None].astype(np.float32)), -127, 127).astype(np.int8)
    raw = np.concatenate([scale[:, None].view(np.int8), q], 1)
    return raw.tobytes(), q.astype(np.float32) * scale[:, None].astype(np.float32)


def sha(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def calibrated(logit, name, lang, cal):
    p = cal["langs"].get(lang, {}).get(name) or cal["default"].get(name) or {"a": 1.0, "b": 0.0}
    return p["a"] * float(logit) + p["b"]


def golden(session, model, hasher, rows, cal, cfg):
    """A few texts of our own with the scores they must give (no cues), computed by onnxruntime, the engine that does not serve."""
    lines, table = [], model.grams.weight.detach().numpy()
    for r in rows:
        words = r.words[:cfg["max_len"]]
        vectors = np.stack([table[hasher(w)].mean(0) * SCALE for w in words]).astype(np.float32)
        z = session.run(None, {"words": vectors[None], "mask": np.ones((1, len(words)), np.float32)})[0]
        v = {name: calibrated(z[0, i], name, r.detected, cal) for i, name in enumerate(L.OUTPUTS)}
        scores = {name: float(calibrate.sigmoid(x)) for name, x in v.items()}
        roles = np.exp([v[f"role.{role}"] for role in L.ROLES])
        scores.update({f"role.{role}": float(x) for role, x in zip(L.ROLES, roles / roles.sum())})
        scores = {name: round(p, 6) for name, p in scores.items()}
        lines.append(json.dumps({"text": " ".join(r.words), "words": r.words, "lang": r.detected, "scores": scores}, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def card(cfg, counts, figures, cost):
    """The card from its template, with this run's figures."""
    lines = ["| label | rows of | n | positives | precision | recall | macro-F1 | AUC | ECE |", "|---|---|---|---|---|---|---|---|---|"]
    for f in figures:
        lines.append(f"| {f['label']} | {f['slice']} | {f['n']} | {f['positives']} | {f['precision']:.2f} | {f['recall']:.2f} | {f['macro_f1']:.3f} | {f['auc']:.3f} | {f['ece']:.3f} |")
    template = (pathlib.Path(__file__).resolve().parent.parent / "card.md").read_text(encoding="utf-8")
    return template.format(**{**cfg, **counts}, outputs=len(L.OUTPUTS), figures="\n".join(lines), cost=cost)


def toml_table(title, pairs):
    return f"\n[{title}]\n" + "".join(f"{json.dumps(k)} = {v}\n" for k, v in pairs.items()) if pairs else ""


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    for name in ("work", "data", "sitr", "out"):
        ap.add_argument(f"--{name}", required=True)
    ap.add_argument("--checkpoint", default="model.pt")
    a = ap.parse_args()
    work, out = pathlib.Path(a.work), pathlib.Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    saved = torch.load(work / a.checkpoint, weights_only=False)
    cfg = saved["config"]
    model = WordTransformer(cfg["buckets"], cfg["dim"], cfg["layers"], cfg["drop"], len(saved["columns"]))
    model.load_state_dict(saved["state"])
    raw, table = quantise(model.grams.weight.detach().numpy())
    model.grams.weight.data = torch.from_numpy(table)          # everything below sees what serving sees
    for name, p in model.named_parameters():
        if name != "grams.weight" and p.dim() >= 2:
            p.data = p.data.half().float()
    marked, labelled, plain = data.public(a.data)
    written = data.corpus(pathlib.Path(__file__).resolve().parent.parent / "corpus")
    hasher = Hasher(cfg["buckets"])
    dev = data.normalise([r for r in marked + written if r.split == "dev"], a.sitr, work)
    test = data.normalise([r for r in marked + written if r.split == "test"], a.sitr, work)
    cal = calibrate.fit(calibrate.logits(model, dev, hasher, cfg["max_len"]), dev)
    figures = calibrate.table(calibrate.logits(model, test, hasher, cfg["max_len"]), test, cal)

    (out / "ngrams.i8").write_bytes(raw)
    state = {k: v.detach().numpy() for k, v in model.state_dict().items()}
    onnx.save(build(state, cfg["layers"], cfg["dim"], len(L.OUTPUTS)), out / "model.onnx")
    session = onnxruntime.InferenceSession(str(out / "model.onnx"))
    shown = [r for r in written if r.split == "test"][::40]
    (out / "golden.jsonl").write_text(golden(session, model, hasher, shown, cal, cfg), encoding="utf-8")
    number = lambda d: "{ a = %s, b = %s }" % (d["a"], d["b"])
    text = f'''# Written by models/training/sitr_train/export.py; edit nothing by hand: the loader checks every sum.
format = 1
name = "{cfg['name']}"
version = "{cfg['version']}"
licence = "Apache-2.0"
role = "judge"
input = "ngrams"
max_len = {cfg['max_len']}
overlap = 16
outputs = {json.dumps(L.OUTPUTS)}

[ngrams]
buckets = {cfg['buckets']}
dim = {cfg['dim']}
min = 2
max = 5
most = 40
scale = {SCALE}
table = "ngrams.i8"

[files]
''' + "".join(f'"{f}" = "{sha(out / f)}"\n' for f in ("model.onnx", "ngrams.i8", "golden.jsonl"))
    text += toml_table("calibration.default", {k: number(v) for k, v in cal["default"].items()})
    for lang in calibrate.LANGS:
        text += toml_table(f"calibration.{lang}", {k: number(v) for k, v in cal["langs"][lang].items()})
    for name, weights in cal["cues"].items():
        text += toml_table(f"cues.{name}", weights)
    for lang, values in cal["thresholds"].items():
        text += toml_table(f"thresholds.{lang}", values)
    (out / "bundle.toml").write_text(text, encoding="utf-8")
    counts = {"marked": sum(r.split == "train" for r in marked), "labelled": sum(r.split == "train" for r in labelled),
              "plain": len(plain), "corpus": sum(r.split == "train" for r in written)}
    log = [json.loads(line) for line in (work / "log.jsonl").read_text().splitlines()]
    cost = f"{log[-1]['t'] / 60:.0f} minutes on {cfg['threads']} core(s) of a shared two-core machine, fp32, no accelerator; energy was not measured."
    (out / "MODEL_CARD.md").write_text(card(cfg, counts, figures, cost), encoding="utf-8")
    (work / "figures.json").write_text(json.dumps(figures, indent=1))
    print(f"{'label':<20}{'slice':<10}{'n':>6}{'pos':>6}{'P':>7}{'R':>7}{'macroF1':>9}{'AUC':>7}{'ECE':>7}")
    for f in figures:
        print(f"{f['label']:<20}{f['slice']:<10}{f['n']:>6}{f['positives']:>6}{f['precision']:>7.3f}{f['recall']:>7.3f}{f['macro_f1']:>9.3f}{f['auc']:>7.3f}{f['ece']:>7.3f}")


if __name__ == "__main__":
    main()
