//! The raw table: file first, environment over it, and where each value came from.

use std::{collections::BTreeMap, path::Path};

use sitr_types::Secret;
use toml::{Table, Value, de::DeTable};

use super::{
    error::{Mistake, Place},
    raw::{Raw, SECTIONS},
};

/// The variable that holds the SASL password.
pub(super) const PASSWORD_VARIABLE: &str = "SITR_KAFKA__SASL_PASSWORD";
const PASSWORD_FIX: &str =
    "remove the key; put the password into a file named by kafka.sasl_password_file or into SITR_KAFKA__SASL_PASSWORD";

/// What was given, before it is checked.
#[derive(Default)]
pub(super) struct Given {
    table: Table,
    places: BTreeMap<String, Place>,
    pub(super) password: Option<Secret>,
    pub(super) mistakes: Vec<Mistake>,
}

impl Given {
    /// Reads the text of a file. Keys that do not exist are mistakes.
    pub(super) fn read_file(&mut self, path: &Path, text: &str) {
        let file = path.to_owned();
        let line_at = |at: usize| text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let parsed = match DeTable::parse(text) {
            Ok(parsed) => parsed.into_inner(),
            Err(error) => {
                // Only the parser's words: the line itself may hold a secret.
                let line = error.span().map_or(1, |span| line_at(span.start));
                return self.mistakes.push(Mistake {
                    key: "syntax".to_owned(),
                    value: None,
                    place: Place::Line(file, line),
                    rule: format!("it is not TOML: {}", error.message().trim().replace('\n', ", ")),
                    fix: "`sitr config example` prints a file to begin with".to_owned(),
                });
            }
        };
        let values: Table = toml::from_str(text).unwrap_or_default();
        for (name, section) in &parsed {
            let (section_name, line) = (name.get_ref().as_ref(), line_at(name.span().start));
            let Some(known) = SECTIONS.iter().find(|known| known.name == section_name) else {
                self.mistakes.push(unknown_section(section_name, Place::Line(file.clone(), line)));
                continue;
            };
            let Some(keys) = section.get_ref().as_table() else {
                self.mistakes.push(no_section(section_name, Place::Line(file.clone(), line)));
                continue;
            };
            for (key, value) in keys {
                for inner in value.get_ref().as_table().into_iter().flat_map(|table| table.keys()) {
                    let place = Place::Line(file.clone(), line_at(inner.span().start));
                    let name = format!("{section_name}.{}.\"{}\"", key.get_ref(), inner.get_ref());
                    self.places.insert(name, place);
                }
                let (name, place) = (key.get_ref().as_ref(), Place::Line(file.clone(), line_at(key.span().start)));
                if known.keys.iter().any(|(known, _)| *known == name) {
                    let value = values[section_name][name].clone();
                    self.set(section_name, name, value, place);
                } else {
                    self.mistakes.push(unknown_key(section_name, name, place));
                }
            }
        }
    }

    /// Lays the environment over what is there. Variables that name a section but no key of it are mistakes; other
    /// variables are not ours.
    pub(super) fn read_environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        let defaults = defaults();
        for (variable, text) in variables {
            let Some((section, key)) = variable.strip_prefix("SITR_").and_then(|rest| rest.split_once("__")) else {
                continue;
            };
            let (section, key) = (section.to_ascii_lowercase(), key.to_ascii_lowercase());
            let place = Place::Variable(variable.clone());
            let Some(known) = SECTIONS.iter().find(|known| known.name == section) else {
                if section == "policy" {
                    self.mistakes.push(unknown_section(&section, place));
                }
                continue;
            };
            if variable == PASSWORD_VARIABLE {
                self.password = Some(Secret::new(text));
            } else if key == "extra" || !known.keys.iter().any(|(known, _)| *known == key) {
                self.mistakes.push(unknown_key(&section, &key, place));
            } else {
                let value = typed(text, defaults.get(&section).and_then(|section| section.get(&key)));
                self.set(&section, &key, value, place);
            }
        }
    }

    fn set(&mut self, section: &str, key: &str, value: Value, place: Place) {
        let table = self.table.entry(section).or_insert_with(|| Value::Table(Table::new()));
        table.as_table_mut().expect("invariant: only tables are put there").insert(key.to_owned(), value);
        self.places.insert(format!("{section}.{key}"), place);
    }

    /// Where a key's value comes from; a key of `kafka.extra` is written `kafka.extra."name"`.
    pub(super) fn place(&self, key: &str) -> Place {
        self.places.get(key).cloned().unwrap_or(Place::Default)
    }

    /// The table as types; every key that does not fit is a mistake and keeps its default.
    pub(super) fn typed(&mut self) -> Raw {
        let defaults = defaults();
        let mut sound = Table::new();
        for (section, keys) in &self.table {
            let Some(keys) = keys.as_table() else { continue };
            for (key, value) in keys {
                let alone = Table::from_iter([(key.clone(), value.clone())]);
                let name = format!("{section}.{key}");
                match Table::from_iter([(section.clone(), Value::Table(alone.clone()))]).try_into::<Raw>() {
                    Ok(_) => {
                        let into = sound.entry(section).or_insert_with(|| Value::Table(Table::new()));
                        into.as_table_mut().expect("invariant: only tables are put there").extend(alone);
                    }
                    Err(error) => {
                        let default = defaults.get(section).and_then(|section| section.get(key));
                        self.mistakes.push(Mistake {
                            value: (key != "extra").then(|| value.to_string()),
                            place: self.place(&name),
                            rule: rule_of(key, &error),
                            fix: fix_of(key, default),
                            key: name,
                        });
                    }
                }
            }
        }
        sound.try_into().expect("invariant: each key was read alone")
    }
}

fn rule_of(key: &str, error: &toml::de::Error) -> String {
    // The words about `extra` may repeat a value, and a value there may be a secret.
    if key == "extra" { "each of its values must be text".to_owned() } else { error.message().trim().to_owned() }
}

fn fix_of(key: &str, default: Option<&Value>) -> String {
    match default {
        _ if key == "extra" => "put the values in quotes".to_owned(),
        Some(value) => format!("write it as in {key} = {value} (the default)"),
        None => "write it as text in quotes, or leave it out".to_owned(),
    }
}

/// The defaults as a table; keys without one are absent.
pub(super) fn defaults() -> Table {
    Table::try_from(Raw::default()).expect("invariant: the defaults have a TOML form")
}

/// An environment variable as the kind of value that the key has.
fn typed(text: String, default: Option<&Value>) -> Value {
    let parsed = match default {
        Some(Value::Integer(_)) => text.trim().parse().ok().map(Value::Integer),
        Some(Value::Boolean(_)) => text.trim().parse().ok().map(Value::Boolean),
        _ => None,
    };
    parsed.unwrap_or(Value::String(text))
}

fn unknown_section(name: &str, place: Place) -> Mistake {
    let (rule, fix) = if name == "policy" {
        ("a policy of one's own is not yet supported", "remove it: the built-in policy applies".to_owned())
    } else {
        let names: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
        ("there is no such section", suggest(name, &names))
    };
    Mistake { key: format!("[{name}]"), value: None, place, rule: rule.to_owned(), fix }
}

fn no_section(name: &str, place: Place) -> Mistake {
    let rule = "it is a section, not a value".to_owned();
    Mistake { key: name.to_owned(), value: None, place, rule, fix: format!("write [{name}] on a line of its own") }
}

/// The value is never shown: who misspells the key of a secret must not find the secret in a log.
fn unknown_key(section: &str, key: &str, place: Place) -> Mistake {
    let (rule, fix) = if key.contains("password") {
        ("a password must not stand in the configuration", PASSWORD_FIX.to_owned())
    } else if key == "extra" {
        ("it has no environment variable", "write [kafka.extra] in the configuration file".to_owned())
    } else {
        let keys = SECTIONS.iter().find(|known| known.name == section).map_or(&[][..], |known| known.keys);
        let names: Vec<_> = keys.iter().map(|(name, _)| *name).collect();
        ("there is no such key", suggest(key, &names))
    };
    Mistake { key: format!("{section}.{key}"), value: None, place, rule: rule.to_owned(), fix }
}

/// The nearest name, if one is near; else all of them.
fn suggest(given: &str, names: &[&str]) -> String {
    match names.iter().min_by_key(|name| distance(given, name)) {
        Some(nearest) if distance(given, nearest) <= 2 + given.len() / 4 => format!("did you mean `{nearest}`?"),
        _ => format!("use one of {}", names.join(", ")),
    }
}

/// Edits between two names (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Reads a file that a key names.
pub(super) fn read_secret(path: &Path) -> Result<Secret, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("the file cannot be read: {error}"))?;
    let secret = text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
    if secret.is_empty() { Err("the file is empty".to_owned()) } else { Ok(Secret::new(secret)) }
}
