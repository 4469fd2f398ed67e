use std::{
    io::{BufReader, Cursor},
    path::PathBuf,
};

use serde_json::Value;

use super::*;
use crate::lines::reader::{Line, MAX_LINE_BYTES};

fn judge() -> Arc<Judge> {
    let fixture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sitr-model/tests/fixtures/ngrams");
    Arc::new(Judge::load(&fixture).unwrap())
}

struct Run {
    decisions: Vec<Value>,
    dead: Vec<Value>,
    summary: ClassifySummary,
}

fn run(input: &[u8], options: ClassifyOptions) -> Run {
    let mut out = Vec::new();
    let mut dead = Vec::new();
    let mut last = Progress::default();
    let mut keep = |line: DeadLine| {
        dead.push(serde_json::from_str(&line.to_json("f")).unwrap());
        Ok(())
    };
    let input = BufReader::with_capacity(512, Cursor::new(input.to_vec()));
    let summary =
        classify(&judge(), input, &mut out, &options, Listeners { dead: &mut keep, progress: &mut |now| last = now })
            .unwrap();
    assert_eq!(last, summary.progress, "the last progress is the whole");
    let decisions = String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    Run { decisions, dead, summary }
}

const TWO: ClassifyOptions = ClassifyOptions { workers: 2, all_scores: false };

#[test]
fn decisions_and_dead_letters_come_in_the_order_of_the_input_and_none_is_lost() {
    let mut input = Vec::new();
    for i in 0..700 {
        match i % 7 {
            0 => input.extend(b"\n"),
            3 => input.extend(b"{\"post_id\":\"x\",\"text\":\"\xff\xfe\"}\n"),
            _ => input.extend(format!("{{\"post_id\":\"p{i}\",\"text\":\"salam {i}\"}}\n").into_bytes()),
        }
    }
    let run = run(&input, TWO);
    let ids: Vec<_> = run.decisions.iter().map(|decision| decision["post_id"].as_str().unwrap().to_owned()).collect();
    let expected: Vec<_> = (0..700).filter(|i| i % 7 != 0 && i % 7 != 3).map(|i| format!("p{i}")).collect();
    assert_eq!(ids, expected);
    let lines: Vec<_> = run.dead.iter().map(|dead| dead["line"].as_u64().unwrap()).collect();
    let expected: Vec<_> = (0..700).filter(|i| i % 7 == 0 || i % 7 == 3).map(|i| i + 1).collect();
    assert_eq!(lines, expected);
    assert_eq!((&run.dead[0]["reason"], &run.dead[1]["reason"]), (&"empty_record".into(), &"invalid_utf8".into()));
    assert_eq!(run.summary.progress, Progress { lines: 700, bytes: input.len() as u64, dead: 200 });
    assert_eq!(run.summary.verdicts.values().sum::<u64>(), 500);
}

#[test]
fn the_number_of_workers_changes_no_decision() {
    let input: String =
        (0..300).map(|i| format!("{{\"post_id\":\"{i}\",\"text\":\"{}\"}}\n", "wach ".repeat(i + 1))).collect();
    let scores = |workers| {
        let run = run(input.as_bytes(), ClassifyOptions { workers, all_scores: true });
        run.decisions.into_iter().map(|mut d| (d["decision_id"].take(), d["scores"].take())).collect::<Vec<_>>()
    };
    assert_eq!(scores(1), scores(3));
}

#[test]
fn scores_are_told_on_request_only() {
    let line = b"{\"post_id\":\"p\",\"text\":\"salam\"}";
    assert!(run(line, TWO).decisions[0].get("scores").is_none());
    assert!(run(line, ClassifyOptions { all_scores: true, ..TWO }).decisions[0]["scores"].is_object());
}

#[test]
fn a_line_over_two_mebibytes_is_a_dead_letter_and_the_next_is_judged() {
    let mut input = b"{\"post_id\":\"long\",\"text\":\"".to_vec();
    input.resize(MAX_LINE_BYTES + 1, b'x');
    input.extend(b"\n{\"post_id\":\"next\",\"text\":\"salam\"}\n");
    let run = run(&input, TWO);
    assert_eq!((&run.dead[0]["reason"], &run.dead[0]["raw_truncated"]), (&"record_too_large".into(), &true.into()));
    assert_eq!(run.decisions[0]["post_id"], "next");
}

#[test]
fn a_panic_costs_the_guilty_post_only() {
    let lines =
        ["a", "guilty", "b"].map(|id| Line::Whole(format!("{{\"post_id\":\"{id}\",\"text\":\"t\"}}").into_bytes()));
    let chunk = Chunk { first: 10, lines: lines.into(), bytes: 0 };
    let answer = answer(chunk, &|posts: Vec<Post>| {
        assert!(posts.iter().all(|post| post.post_id != "guilty"), "a panic on purpose");
        posts.into_iter().map(|post| Ok(Decided { verdict: Verdict::None, json: post.post_id.into_bytes() })).collect()
    });
    assert_eq!(answer.decisions, b"ab");
    assert_eq!((answer.dead.len(), answer.dead[0].line), (1, 11));
    assert_eq!(answer.dead[0].poison.code, ReasonCode::Model);
}

#[test]
fn an_output_or_a_dead_letter_file_that_fails_ends_the_work() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let judge = judge();
    let input = || Cursor::new(b"{\"post_id\":\"p\",\"text\":\"salam\"}\nno post\n".to_vec());
    let mut fine = |_| Ok(());
    let failed = classify(&judge, input(), Full, &TWO, Listeners { dead: &mut fine, progress: &mut |_| {} });
    assert!(matches!(failed, Err(LinesError::Write(_))));
    let mut full = |_| Err(std::io::ErrorKind::StorageFull.into());
    let failed = classify(&judge, input(), Vec::new(), &TWO, Listeners { dead: &mut full, progress: &mut |_| {} });
    assert!(matches!(failed, Err(LinesError::DeadLetter(_))));
}
