//! Who speaks: the model's opinion and the cues, weighed together.

use sitr_types::{Cue, CueFamily, Role, RoleScore};

/// A protecting cue moves this share of the perpetrator's probability to the role that it speaks for. Two kinds of cue in
/// one post nearly settle it; one alone leaves a confident model in doubt, and doubt means a person decides.
const CUE_SHIFT: f32 = 0.6;

/// The role with the greatest probability after the cues have had their say.
///
/// `model` holds probabilities in the order of [`Role::ALL`]. Protecting cues (victim, help, report, campaign, law, quote)
/// take probability from `perpetrator`, `banter` and `unclear`; nothing ever moves probability *to* the perpetrator, so a
/// wrong cue can cost a takedown but never cause one.
#[must_use]
pub fn speaker(model: &[f32; 6], cues: &[Cue]) -> RoleScore {
    let mut p = *model;
    for (family, role) in [
        (CueFamily::Victim, Role::Victim),
        (CueFamily::Help, Role::Victim),
        (CueFamily::Report, Role::Reporter),
        (CueFamily::Campaign, Role::Reporter),
        (CueFamily::Law, Role::Reporter),
        (CueFamily::Quote, Role::Quoter),
    ] {
        if !cues.iter().any(|cue| cue.family == family) {
            continue;
        }
        for from in [Role::Perpetrator, Role::Banter, Role::Unclear] {
            let moved = p[from as usize] * CUE_SHIFT;
            p[from as usize] -= moved;
            p[role as usize] += moved;
        }
    }
    let protected: f32 = Role::ALL.into_iter().filter(|role| role.is_protected()).map(|role| p[role as usize]).sum();
    let best = |roles: &[Role]| {
        roles.iter().copied().max_by(|a, b| p[*a as usize].total_cmp(&p[*b as usize])).unwrap_or(Role::Unclear)
    };
    // The protected roles stand together against the others: whether it is a victim or a quoter matters less than that it
    // is neither joke nor attack.
    if protected >= 0.5 {
        let name = best(&[Role::Victim, Role::Reporter, Role::Quoter]);
        RoleScore { name, score: protected }
    } else {
        let name = best(&[Role::Perpetrator, Role::Banter, Role::Unclear]);
        RoleScore { name, score: p[name as usize] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(family: CueFamily) -> Cue {
        Cue { start: 0, end: 1, family }
    }

    #[test]
    fn without_cues_the_model_decides() {
        assert_eq!(speaker(&[0.7, 0.1, 0.0, 0.0, 0.1, 0.1], &[]).name, Role::Perpetrator);
        assert_eq!(speaker(&[0.2, 0.6, 0.1, 0.0, 0.1, 0.0], &[]).name, Role::Victim);
    }

    #[test]
    fn a_protecting_cue_turns_a_doubtful_perpetrator_into_a_victim() {
        assert_eq!(speaker(&[0.6, 0.3, 0.0, 0.0, 0.0, 0.1], &[cue(CueFamily::Victim)]).name, Role::Victim);
    }

    #[test]
    fn cues_of_attack_never_make_a_perpetrator() {
        let model = [0.2, 0.2, 0.2, 0.1, 0.2, 0.1];
        assert_eq!(speaker(&model, &[cue(CueFamily::Demand), cue(CueFamily::Threat)]), speaker(&model, &[]));
    }

    #[test]
    fn several_protected_roles_together_outweigh_a_perpetrator() {
        let role = speaker(&[0.4, 0.2, 0.2, 0.2, 0.0, 0.0], &[]);
        assert!(role.name.is_protected());
        assert!((role.score - 0.6).abs() < 1e-6);
    }
}
