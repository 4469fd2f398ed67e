"""Rows for training: public sources, marks under our guideline, and the corpus written for this project.

Every text goes through `sitr normalize`, the code that serves: the model never sees two kinds of normal form.
"""
import gzip
import hashlib
import json
import pathlib
import subprocess
from dataclasses import dataclass, field

from . import labels as L

FOREIGN = {"ko", "pt", "en"}
NOISY = {"mubarak2017_aljazeera"}  # 82 % positive, many of them plain opinion
SOURCE_LABELS = {"hate", "harassment", "misogyny", "threat"}


@dataclass
class Row:
    id: str
    text: str
    lang: str
    origin: str            # source name, or "corpus"
    split: str             # train, dev, test
    targets: dict = field(default_factory=dict)   # column -> 0..1
    weight: float = 1.0
    kind: str = ""
    pair: str = ""
    words: list = field(default_factory=list)
    cues: list = field(default_factory=list)
    detected: str = ""


def read(path):
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def bucket(text, of):
    return int(hashlib.md5(text.encode()).hexdigest(), 16) % of


def corpus(folder):
    """Corpus rows. 15 % are kept apart by scenario (test), 10 % more are for calibration (dev)."""
    rows = []
    for path in sorted(pathlib.Path(folder).glob("*/*.tsv")):
        lang = path.parent.name
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            kind, sub, scenario, pair, text = line.split("\t", 4)
            place = bucket(f"{lang}/{scenario}", 100)
            split = "test" if place < 15 else "dev" if place < 25 else "train"
            rows.append(Row(f"corpus-{lang}-{path.stem}-{number}", text.replace("\\n", "\n"), lang, "corpus", split,
                            L.corpus_targets(kind, sub, f"{scenario} {text}"), 1.0, kind, f"{lang}/{path.stem}/{pair}" if pair else ""))
    return rows


LETTERS = dict(zip("ahmtxsdfi", L.LABELS[1:2] + ["hate", "misogyny", "threat", "extortion", "sexual_harassment", "doxxing", "defamation", "impersonation"]))
SPEAKERS = {"v": "victim", "r": "reporter", "q": "quoter", "b": "banter"}


def own_marks(post, known):
    """Marks read for this project (`marks/README.md`): all for training. A post that was marked before keeps its first mark."""
    rows = []
    for path in sorted((pathlib.Path(__file__).resolve().parent.parent / "marks").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            number, code, _ = line.split("\t")
            if number not in post or number in known:
                continue
            target = {"offensive": float(code[0] != "0"), **{label: float(letter in code) for letter, label in LETTERS.items()}}
            role = next((SPEAKERS[c] for c in code if c in SPEAKERS), None)
            if role:
                target.update({f"role.{x}": float(x == role) for x in L.ROLES})
            r = post[number]
            rows.append(Row(number, r["text"], r["lang"], r["source"], "train", target, 1.0))
    return rows


def public(folder):
    """(rows with marks, rows with the sources' own labels, texts without labels)."""
    folder = pathlib.Path(folder)
    annotates = {k: v.get("annotates", []) for k, v in json.loads((folder / "sources.json").read_text()).items()}
    parts = {p.name.split(".")[0]: [r for r in read(p) if r["lang"] not in FOREIGN] for p in sorted(folder.glob("*.jsonl*"))}
    post = {r["id"]: r for part in parts.values() for r in part}
    marked, held = [], set()
    for m in read(folder / "annotations/marks.jsonl.gz"):
        r = post.get(m["id"])
        if r is None:
            continue
        if m["split"] != "train":
            held.add(m["id"])
        target = {"offensive": m["offensive"]}
        # The guideline's readers mark every label, so an absent one is a "no".
        target.update({label: m["labels"].get(label, 0.0) for label in L.LABELS[1:]})
        if m["role"] in ("victim", "reporter", "quoter", "banter"):
            target.update({f"role.{role}": float(role == m["role"]) for role in L.ROLES})
        marked.append(Row(m["id"], r["text"], r["lang"], r["source"], m["split"], target, 1.0))
    marked += own_marks(post, {r.id for r in marked})
    labelled, plain = [], []
    for name, part in parts.items():
        known = {a.split(" ")[0] for a in annotates.get(name, [])}
        for r in part:
            if r["id"] in held:
                continue
            target = {}
            if name not in NOISY:
                if r["offensive"] is not None:
                    target[f"{name}:offensive"] = float(r["offensive"])
                for label in known & SOURCE_LABELS:
                    target[f"{name}:{label}"] = float(label in r["labels"])
            if target:
                labelled.append(Row(r["id"], r["text"], r["lang"], name, r["split"], target, 1.0))
            elif r["split"] == "train":
                plain.append(Row(r["id"], r["text"], r["lang"], name, "train", {}, 0.0))
    return marked, labelled, plain


def normalise(rows, sitr, work):
    """Fills words, cues and detected language by one run of `sitr normalize` (cached by the content of the input)."""
    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    source = "".join(json.dumps({"post_id": r.id, "text": r.text}, ensure_ascii=False) + "\n" for r in rows)
    version = hashlib.md5(pathlib.Path(sitr).read_bytes()).hexdigest()
    cache = work / f"normal-{hashlib.md5((version + source).encode()).hexdigest()[:16]}.jsonl"
    if not cache.exists():
        out = subprocess.run([sitr, "normalize", "--words", "--cues"], input=source.encode(), stdout=subprocess.PIPE, check=True)
        cache.write_bytes(out.stdout)
    lines = cache.read_text(encoding="utf-8").split("\n")
    assert len([1 for x in lines if x]) == len(rows), "sitr normalize gives one line a row"
    for r, line in zip(rows, lines):
        n = json.loads(line)
        r.words, r.cues, r.detected = n["words"], n["cues"], n["lang"]
    return rows
