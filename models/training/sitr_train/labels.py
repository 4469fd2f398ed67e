"""The columns that the model gives, and what each kind of corpus line says about them."""
import re

LABELS = ["offensive", "harassment", "hate", "misogyny", "threat", "extortion", "sexual_harassment", "doxxing", "defamation", "impersonation"]
ROLES = ["perpetrator", "victim", "reporter", "quoter", "banter", "unclear"]
SUBTYPES = ["money", "sexual", "act", "account"]
OUTPUTS = LABELS + ["distress", "partial.demand", "partial.threat"] + [f"role.{r}" for r in ROLES] + [f"subtype.{s}" for s in SUBTYPES]
COLUMN = {name: i for i, name in enumerate(OUTPUTS)}

# kind -> (labels that hold, offensive: True, False or None = unknown, role); FORMAT.md beside the corpus says it in words.
KINDS = {
    "ext": (["extortion"], True, "perpetrator"), "thr": (["threat"], True, "perpetrator"), "dem": ([], None, "unclear"),
    "dox": (["doxxing"], True, "perpetrator"), "def": (["defamation"], True, "perpetrator"), "imp": (["impersonation"], None, "perpetrator"),
    "shr": (["sexual_harassment"], True, "perpetrator"), "ins": (["harassment"], True, "perpetrator"), "hat": (["hate"], True, "perpetrator"),
    "mis": (["misogyny"], True, "perpetrator"), "vic": ([], False, "victim"), "rep": ([], False, "reporter"), "cam": ([], False, "reporter"),
    "law": ([], False, "reporter"), "quo": ([], False, "quoter"), "ban": ([], None, "banter"), "com": ([], False, "unclear"),
    "deb": ([], False, "unclear"), "neg": ([], False, "unclear"), "idi": ([], None, "unclear"), "spo": ([], False, "unclear"),
    "gam": ([], False, "unclear"), "lyr": ([], False, "unclear"), "plo": ([], False, "unclear"), "hom": ([], False, "unclear"),
    "evd": ([], False, "unclear"),
}
# Labels that a line of these kinds may hold besides its own: unknown there, not "no".
UNKNOWN_BESIDE = {
    "ext": ["harassment", "threat", "sexual_harassment", "impersonation"], "thr": ["harassment"], "dem": ["sexual_harassment"],
    "dox": ["harassment", "defamation"], "def": ["harassment", "misogyny"], "imp": ["extortion"], "shr": ["harassment", "misogyny"],
    "ins": ["misogyny", "hate", "defamation"], "hat": ["harassment"], "mis": ["harassment"], "ban": ["harassment", "threat"], "idi": ["threat"],
}


# An extortion line may pose as somebody (a policeman, a bank, a lawyer) only if it names such a one; the others are a plain "no".
OFFICE = re.compile(r"(?i)polic|flic|gendarm|brigade|offic|enqu[êe]t|commissa|boulis|bolis|chorta|agent|banque|banka|support|service|"
                    r"avocat|mouhami|tribunal|ma7kama|mahkama|بوليس|شرطة|مباحث|درك|الأمن|المكتب المركزي|بنك|خدمة|محامي|محكمة|موظف|fake|faux|fausse")


def corpus_targets(kind, sub, told=""):
    """Column -> 0 or 1 for one corpus line; a column that is absent is unknown. `told`: its scenario and text."""
    held, offensive, role = KINDS[kind]
    target = {label: float(label in held) for label in LABELS[1:] if label not in UNKNOWN_BESIDE.get(kind, []) or label in held}
    if offensive is not None:
        target["offensive"] = float(offensive)
    target["distress"] = float(kind == "vic" and sub == "help")
    target["partial.demand"] = float(kind == "dem")
    target["partial.threat"] = float(kind == "thr")
    target.update({f"role.{r}": float(r == role) for r in ROLES})
    if kind == "ext" and not OFFICE.search(told):
        target["impersonation"] = 0.0
    if kind == "ext" and sub in SUBTYPES:
        target.update({f"subtype.{s}": float(s == sub) for s in SUBTYPES})
    return target
