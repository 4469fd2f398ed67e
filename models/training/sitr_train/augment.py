"""Other spellings of a post: what people do by habit (Arabizi has no norm), by haste (typos) and on purpose (obfuscation).

An augmented row keeps the labels of its original and is marked `kind + "~"`. It goes through `sitr normalize` like every other
text, so the model learns only what normalisation leaves.
"""
import dataclasses

# One choice a post: a writer is consistent.
ARABIZI = [("3", ["3", "3", "a", "e", "aa"]), ("7", ["7", "7", "h"]), ("9", ["9", "9", "q", "k"]), ("kh", ["kh", "5", "x"]),
           ("gh", ["gh", "gh", "4", "8", "r"]), ("ch", ["ch", "ch", "sh"]), ("ou", ["ou", "u", "o", "w"]), ("dyal", ["dyal", "dial", "d"]),
           ("iy", ["iy", "y", "i"]), ("ss", ["ss", "s"]), ("ll", ["ll", "l"]), ("tt", ["tt", "t"]), ("w ", ["w ", "ou ", "o "]), ("ph", ["f"])]
LEET = {"a": "@4", "e": "3", "i": "1!", "o": "0", "s": "$5", "l": "1", "b": "8", "t": "7"}
HOMOGLYPHS = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "ا": "آ", "ه": "ة", "ي": "ى", "ک": "ك"}
LATIN = {"ary-Latn", "arq-Latn", "aeb-Latn", "mixed"}


def spelling(text, rng):
    for found, choices in ARABIZI:
        text = text.replace(found, choices[rng.integers(len(choices))])
    return text


def typos(text, rng):
    out = []
    for c in text:
        r = rng.random()
        if c.isalpha() and r < 0.02:
            continue
        out.append(c * 2 if c.isalpha() and r < 0.04 else c)
        if c.isalpha() and 0.04 <= r < 0.055 and len(out) > 1:
            out[-1], out[-2] = out[-2], out[-1]
    return "".join(out)


def leet(text, rng):
    return "".join(LEET[c][rng.integers(len(LEET[c]))] if c in LEET and rng.random() < 0.3 else c for c in text)


def homoglyphs(text, rng):
    return "".join(HOMOGLYPHS[c] if c in HOMOGLYPHS and rng.random() < 0.4 else c for c in text)


def spaced(text, rng):
    """A word or two with their letters apart."""
    words, mark = text.split(" "), (" ", ".", "-", "_", "*")[rng.integers(5)]
    for at in rng.permutation(len(words))[:max(1, len(words) // 5)]:
        if len(words[at]) > 2:
            words[at] = mark.join(words[at])
    return " ".join(words)


def stretched(text, rng):
    return "".join(c * int(rng.integers(2, 5)) if c.isalpha() and rng.random() < 0.05 else c for c in text)


def tatweel(text, rng):
    return "".join(c + "ـ" * int(rng.integers(1, 4)) if "ء" <= c <= "ي" and rng.random() < 0.15 else c for c in text)


def bare(text, rng):
    return "".join(c for c in text.lower() if c.isalnum() or c.isspace() or c in "@[]")


WAYS = [typos, typos, leet, homoglyphs, spaced, stretched, tatweel, bare]


def other(row, rng):
    """The same post, typed differently."""
    text = row.text
    if row.lang in LATIN and rng.random() < 0.8:
        text = spelling(text, rng)
    for way in rng.permutation(len(WAYS))[:1 + (rng.random() < 0.3)]:
        text = WAYS[way](text, rng)
    return dataclasses.replace(row, id=row.id + "~", text=text or row.text, kind=row.kind + "~", words=[], cues=[])


def more(rows, share, rng):
    """Other spellings of a share of the rows (2.0 = two of each)."""
    whole = int(share)
    return [other(r, rng) for r in rows for _ in range(whole + (rng.random() < share - whole))]
