//! A post's scores are the same bits whatever else is in its batch.

use std::sync::LazyLock;

use proptest::prelude::*;
use sitr_model::{Bundle, Logits, Prepared, TextInput};

use crate::fixture::load;

const WORDS: [&str; 12] =
    ["salam", "khoya", "3afak", "sift", "flous", "wla", "hmar", "شكرا", "صيفط", "الفلوس", "merci", "argent"];

static NGRAMS: LazyLock<Bundle> = LazyLock::new(|| load("ngrams"));
static PIECES: LazyLock<Bundle> = LazyLock::new(|| load("pieces"));

fn prepare(bundle: &Bundle, words: &[usize]) -> Prepared {
    let words: Vec<&str> = words.iter().map(|word| WORDS[*word]).collect();
    bundle.prepare(&TextInput { text: &words.join(" "), words: &words }).unwrap()
}

fn bits(scored: &Logits) -> Vec<u32> {
    scored.values().iter().map(|value| value.to_bits()).collect()
}

/// Scores each post alone and all of them together, in that order, and compares the bits.
fn hold(bundle: &Bundle, posts: &[Vec<usize>]) -> Result<(), TestCaseError> {
    let prepared: Vec<Prepared> = posts.iter().map(|words| prepare(bundle, words)).collect();
    let together = bundle.score(&prepared);
    for (post, together) in prepared.iter().zip(&together) {
        let alone = bundle.score(std::slice::from_ref(post)).remove(0).unwrap();
        prop_assert_eq!(bits(&alone), bits(together.as_ref().unwrap()), "{:?} has other bits beside others", post);
    }
    Ok(())
}

fn posts(most: usize) -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(prop::collection::vec(0..WORDS.len(), 1..most), 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn scores_of_ngrams_are_the_same_bits_alone_and_in_any_company(posts in posts(60)) {
        hold(&NGRAMS, &posts)?;
    }

    #[test]
    fn scores_of_pieces_are_the_same_bits_alone_and_in_any_company(posts in posts(30)) {
        hold(&PIECES, &posts)?;
    }
}

#[test]
fn threads_that_share_a_bundle_give_the_bits_of_one() {
    let posts: Vec<Vec<usize>> =
        (0..40).map(|post| (0..1 + post % 23).map(|word| (post * 7 + word * 5) % WORDS.len()).collect()).collect();
    let bundle = load("ngrams");
    let run = || -> Vec<Vec<u32>> {
        let prepared: Vec<Prepared> = posts.iter().map(|words| prepare(&bundle, words)).collect();
        bundle.score(&prepared).into_iter().map(|scored| bits(&scored.unwrap())).collect()
    };
    let expected = run();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..5).map(|_| run()).collect::<Vec<_>>())).collect();
        for thread in threads {
            assert!(thread.join().unwrap().iter().all(|given| *given == expected));
        }
    });
}
