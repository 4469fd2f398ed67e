//! Words for reason codes, in French, Arabic and English. Made from codes only (P5).

use sitr_types::{Explanation, Reason, ReasonKind, Verdict};

/// One phrase in the three languages.
struct Phrase {
    fr: &'static str,
    ar: &'static str,
    en: &'static str,
}

/// The explanation of a decision: what was decided, then why.
pub(crate) fn explain(verdict: Verdict, reasons: &[Reason]) -> Explanation {
    let opening = verdict_phrase(verdict);
    let mut out = Explanation { fr: opening.fr.to_owned(), ar: opening.ar.to_owned(), en: opening.en.to_owned() };
    for reason in reasons {
        let phrase = reason_phrase(reason.code);
        let named = reason.params.get("label").map(|label| label_phrase(label));
        let score = reason.params.get("score").map_or("", String::as_str);
        let add = |out: &mut String, phrase: &str, label: Option<&str>| {
            out.push(' ');
            out.push_str(phrase);
            if let Some(label) = label {
                out.push_str(&format!(" {label} ({score})"));
            }
            out.push('.');
        };
        add(&mut out.fr, phrase.fr, named.as_ref().map(|label| label.fr));
        add(&mut out.ar, phrase.ar, named.as_ref().map(|label| label.ar));
        add(&mut out.en, phrase.en, named.as_ref().map(|label| label.en));
    }
    out
}

const fn verdict_phrase(verdict: Verdict) -> Phrase {
    match verdict {
        Verdict::None => Phrase { fr: "Aucune suite.", ar: "لا إجراء.", en: "No action." },
        Verdict::Care => Phrase {
            fr: "Une aide est proposée à l'auteur ; sa publication reste en ligne.",
            ar: "تُعرض المساعدة على صاحب المنشور، ويبقى منشوره ظاهرا.",
            en: "Help is offered to the author; the post stays up.",
        },
        Verdict::Review => {
            Phrase {
                fr: "Une personne doit décider.", ar: "القرار لشخص مكلف بالمراجعة.", en: "A person is to decide."
            }
        }
        Verdict::Takedown => Phrase {
            fr: "Suspendu à titre réversible, jusqu'à l'avis d'une personne.",
            ar: "معلّق بصفة قابلة للتراجع إلى حين مراجعة شخص مكلف.",
            en: "Held, reversibly, until a person has looked.",
        },
    }
}

fn label_phrase(label: &str) -> Phrase {
    match label {
        "offensive" => Phrase { fr: "propos offensants", ar: "كلام مسيء", en: "offensive language" },
        "harassment" => Phrase { fr: "harcèlement", ar: "تحرش أو إهانة لشخص", en: "harassment" },
        "hate" => Phrase { fr: "haine", ar: "كراهية", en: "hate" },
        "misogyny" => Phrase { fr: "misogynie", ar: "احتقار المرأة", en: "misogyny" },
        "threat" => Phrase { fr: "menace", ar: "تهديد", en: "threat" },
        "extortion" => Phrase { fr: "chantage", ar: "ابتزاز", en: "extortion" },
        "sexual_harassment" => Phrase { fr: "harcèlement sexuel", ar: "تحرش جنسي", en: "sexual harassment" },
        "doxxing" => {
            Phrase { fr: "divulgation de données privées", ar: "كشف معطيات خاصة", en: "doxxing" }
        }
        "defamation" => Phrase { fr: "diffamation", ar: "تشهير", en: "defamation" },
        "impersonation" => Phrase { fr: "usurpation d'identité", ar: "انتحال صفة", en: "impersonation" },
        _ => Phrase { fr: "autre", ar: "آخر", en: "other" },
    }
}

const fn reason_phrase(code: ReasonKind) -> Phrase {
    use ReasonKind as R;
    match code {
        R::LabelOverThreshold => {
            Phrase { fr: "Seuil dépassé :", ar: "تجاوز العتبة:", en: "Over the threshold:" }
        }
        R::DemandFound => {
            Phrase {
                fr: "Le texte exige quelque chose", ar: "النص يتضمن مطالبة", en: "The text makes a demand"
            }
        }
        R::ThreatFound => {
            Phrase { fr: "Le texte menace", ar: "النص يتضمن تهديدا", en: "The text threatens" }
        }
        R::LeverageFound => Phrase {
            fr: "Le texte fait valoir un moyen de pression",
            ar: "النص يلوّح بوسيلة ضغط",
            en: "The text holds something over the addressee",
        },
        R::DeadlineFound => Phrase { fr: "Un délai est fixé", ar: "حُدد أجل", en: "A deadline is set" },
        R::AmountFound => Phrase { fr: "Une somme est citée", ar: "ذُكر مبلغ", en: "A sum is named" },
        R::ChannelFound => Phrase {
            fr: "Un moyen de payer ou de diffuser est cité",
            ar: "ذُكرت وسيلة أداء أو نشر",
            en: "A way to pay or to publish is named",
        },
        R::TargetFound => Phrase {
            fr: "Le texte dit à qui ce serait montré",
            ar: "النص يذكر من سيطّلع عليه",
            en: "The text says whom it would be shown to",
        },
        R::SlurFound => {
            Phrase {
                fr: "Le texte contient une insulte", ar: "النص يتضمن سبّا", en: "The text holds an insult"
            }
        }
        R::IdentifierFound => Phrase {
            fr: "Le texte contient un identifiant personnel",
            ar: "النص يتضمن معرّفا شخصيا",
            en: "The text holds a personal identifier",
        },
        R::DemandOnly => {
            Phrase {
                fr: "Une exigence sans menace", ar: "مطالبة دون تهديد", en: "A demand without a threat"
            }
        }
        R::ThreatOnly => {
            Phrase {
                fr: "Une menace sans exigence", ar: "تهديد دون مطالبة", en: "A threat without a demand"
            }
        }
        R::RoleVictim => Phrase {
            fr: "L'auteur semble être la victime",
            ar: "يبدو أن الكاتب هو الضحية",
            en: "The author seems to be the victim",
        },
        R::RoleReporter => Phrase {
            fr: "Le texte semble informer ou prévenir",
            ar: "يبدو أن النص للإخبار أو التوعية",
            en: "The text seems to inform or to warn",
        },
        R::RoleQuoter => Phrase {
            fr: "L'auteur semble rapporter les mots d'un autre",
            ar: "يبدو أن الكاتب ينقل كلام غيره",
            en: "The author seems to quote another person",
        },
        R::RoleBanter => {
            Phrase {
                fr: "Il semble s'agir d'une plaisanterie", ar: "يبدو أنه مزاح", en: "It seems to be banter"
            }
        }
        R::AsksForHelp => {
            Phrase {
                fr: "L'auteur demande de l'aide", ar: "الكاتب يطلب المساعدة", en: "The author asks for help"
            }
        }
        R::Uncertain => Phrase {
            fr: "Le score est proche du seuil",
            ar: "النتيجة قريبة من العتبة",
            en: "The score is near the threshold",
        },
        R::AlwaysHuman => Phrase {
            fr: "Cette catégorie relève toujours d'une personne",
            ar: "هذا الصنف يعود القرار فيه دائما لشخص",
            en: "This label is always a person's call",
        },
    }
}
