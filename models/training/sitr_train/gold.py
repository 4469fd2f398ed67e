"""Gold rows for `sitr eval`: `python -m sitr_train.gold --data DIR --out DIR`. The files hold posts and are never committed.

`guideline-{dev,test}`: marks under our guideline; `corpus-{dev,test}`: the corpus' scenarios kept apart; `sources`: dev and test rows of
the public sets with their own labels (`known` says which were asked about, so no `sources.json` is needed).
"""
import argparse
import json
import pathlib

from . import data, labels as L


def row(r, **more):
    held = [c for c in L.LABELS[1:] if r.targets.get(c, 0) >= 0.5]
    offensive = r.targets.get("offensive")
    return {"id": r.id, "text": r.text, "lang": r.lang, "source": r.origin, "split": r.split, "labels": held,
            "offensive": None if offensive is None else offensive >= 0.5, "known": [c for c in L.LABELS[1:] if c in r.targets], **more}


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "out"):
        ap.add_argument(f"--{name}", required=True)
    a = ap.parse_args()
    out = pathlib.Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    marked, labelled, _ = data.public(a.data)
    written = data.corpus(pathlib.Path(__file__).resolve().parent.parent / "corpus")
    role = lambda r: next((x for x in L.ROLES if r.targets.get(f"role.{x}") == 1.0), None)
    sets = {f"guideline-{s}": [row(r, role=role(r)) for r in marked if r.split == s] for s in ("dev", "test")}
    sets |= {f"corpus-{s}": [row(r, role=role(r), kind=r.kind, pair=r.pair) for r in written if r.split == s] for s in ("dev", "test")}
    own = []
    for r in labelled:
        if r.split == "train":
            continue
        targets = {c.split(":", 1)[1]: v for c, v in r.targets.items()}
        r.targets = targets
        own.append(row(r, keyword="|kw:" in str(getattr(r, "label_source", ""))))
    sets["sources"] = own
    for name, rows in sets.items():
        (out / f"{name}.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
        print(name, len(rows))


if __name__ == "__main__":
    main()
