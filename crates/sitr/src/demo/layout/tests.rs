use ratatui::style::{Color, Modifier};

use super::*;

fn mark() -> Style {
    Style::new().fg(Color::Red).add_modifier(Modifier::BOLD)
}

fn text_of(line: &Line<'_>) -> String {
    line.spans.iter().map(|span| span.content.as_ref()).collect()
}

/// Joined forms back to letters, so that a test can be read.
fn letters(line: &Line<'_>) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text_of(line).nfkc().collect()
}

fn marked(line: &Line<'_>) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    line.spans.iter().filter(|span| span.style == mark()).flat_map(|span| span.content.nfkc()).collect()
}

/// A style a scalar value, the word marked.
fn with_word(text: &str, word: &str) -> Vec<Style> {
    let start = text[..text.find(word).unwrap()].chars().count();
    let end = start + word.chars().count();
    (0..text.chars().count()).map(|i| if (start..end).contains(&i) { mark() } else { Style::new() }).collect()
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

#[test]
fn arabic_is_drawn_from_the_right_and_set_flush_right() {
    let lines = layout("سلام صاحبي", &[], 40, Order::Visual);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].alignment, Some(Alignment::Right));
    // The ligature of lam and alef is one cell, and its two letters come back in logical order.
    assert_eq!(letters(&lines[0]), format!("{} م\u{644}\u{627}س", reversed("صاحبي")));
}

#[test]
fn digits_and_french_inside_darija_keep_their_own_direction() {
    let lines = layout("عطيني 500 درهم cash plus دابا", &[], 60, Order::Visual);
    let drawn = letters(&lines[0]);
    assert!(drawn.contains("500") && drawn.contains("cash plus"), "{drawn}");
    assert!(drawn.starts_with(&reversed("دابا")), "{drawn}");
    assert!(drawn.ends_with(&reversed("عطيني")), "{drawn}");
    assert!(drawn.find("cash plus") < drawn.find("500"), "{drawn}");
}

#[test]
fn arabic_inside_french_turns_only_itself() {
    let lines = layout("je te jure نشر كلشي demain", &[], 60, Order::Visual);
    assert_eq!(lines[0].alignment, Some(Alignment::Left));
    assert_eq!(letters(&lines[0]), format!("je te jure {} demain", reversed("نشر كلشي")));
}

#[test]
fn a_highlight_stays_on_its_letters_whatever_the_order() {
    let text = "صيفط 500 درهم ولا ننشر تصاورك f facebook";
    for word in ["500 درهم", "ننشر تصاورك", "facebook", "ولا"] {
        let lines = layout(text, &with_word(text, word), 80, Order::Visual);
        let mut found: Vec<char> = marked(&lines[0]).chars().collect();
        let mut wanted: Vec<char> = word.chars().collect();
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{word}");
    }
}

#[test]
fn a_highlight_that_reordering_tears_apart_is_drawn_in_both_places() {
    let text = "abc دهر 12 xyz";
    let lines = layout(text, &with_word(text, "c دهر"), 40, Order::Visual);
    assert_eq!(letters(&lines[0]), "abc 12 رهد xyz");
    let parts: Vec<_> = lines[0].spans.iter().filter(|span| span.style == mark()).collect();
    assert_eq!(parts.len(), 2, "{parts:?}");
}

#[test]
fn a_highlighted_alef_marks_the_ligature_that_it_went_into() {
    let text = "لا";
    let lines = layout(text, &[Style::new(), mark()], 10, Order::Visual);
    assert_eq!(text_of(&lines[0]), "\u{fefb}");
    assert_eq!(lines[0].spans[0].style, mark());
}

#[test]
fn lines_break_in_reading_order_before_they_are_turned() {
    let lines = layout("واحد جوج تلاتة ربعة", &[], 9, Order::Visual);
    let read: Vec<String> = lines.iter().map(letters).collect();
    assert!(read[0].ends_with(&reversed("واحد")), "{read:?}");
    assert!(read.last().unwrap().contains(&reversed("ربعة")), "{read:?}");
    assert!(lines.iter().all(|line| line.width() <= 9));
}

#[test]
fn no_line_is_wider_than_asked_for_with_emoji_marks_and_endless_words() {
    let text = "😭❤️👩🏽‍💻🇲🇦 مُحَمَّد waaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaw é\u{301} ".repeat(4);
    for width in [2, 3, 7, 20] {
        for order in [Order::Visual, Order::Logical] {
            for line in layout(&text, &[], width, order) {
                assert!(line.width() <= width, "{width}: {line:?}");
            }
        }
    }
}

#[test]
fn emoji_sequences_and_marked_letters_are_not_torn_apart() {
    let lines = layout("شُكراً 👩🏽‍💻🇲🇦", &[], 40, Order::Visual);
    let drawn = text_of(&lines[0]);
    assert!(drawn.contains("👩🏽‍💻") && drawn.contains("🇲🇦"), "{drawn}");
    assert!(drawn.contains("\u{feb7}\u{64f}"), "the mark follows the letter that it sits on: {drawn:?}");
}

#[test]
fn brackets_are_mirrored_in_right_to_left_text_only() {
    assert_eq!(
        letters(&layout("دار (بيت)", &[], 40, Order::Visual)[0]),
        format!("({}) {}", reversed("بيت"), reversed("دار"))
    );
    assert_eq!(letters(&layout("maison (bit)", &[], 40, Order::Visual)[0]), "maison (bit)");
}

#[test]
fn controls_of_layout_and_terminal_are_dropped_and_offsets_still_hold() {
    let text = "a\u{1b}[31m\u{202e}b\u{200f}c";
    let lines = layout(text, &with_word(text, "c"), 40, Order::Logical);
    assert_eq!(text_of(&lines[0]), "a[31mbc");
    assert_eq!(marked(&lines[0]), "c");
}

#[test]
fn logical_order_leaves_letters_and_order_to_the_terminal() {
    let lines = layout("سلام 12", &[], 40, Order::Logical);
    assert_eq!(text_of(&lines[0]), "سلام 12");
    assert_eq!(lines[0].alignment, Some(Alignment::Right));
}

#[test]
fn each_paragraph_has_its_own_direction_and_its_own_styles() {
    let text = "bonjour\nسلام";
    let lines = layout(text, &with_word(text, "سلام"), 40, Order::Visual);
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0].alignment, lines[1].alignment), (Some(Alignment::Left), Some(Alignment::Right)));
    assert_eq!(marked(&lines[1]).chars().count(), 4);
    assert!(layout("", &[], 40, Order::Visual).is_empty());
}
