//! Java and Kafka's jars: found, or fetched once by Maven.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Kafka 4 brokers need it.
const OLDEST_JAVA: u32 = 17;

/// Why no Kafka can be had on this machine. Tests skip on it, aloud.
#[derive(Debug, thiserror::Error)]
pub enum KafkaUnavailable {
    /// No `java` in `JAVA_HOME` or on the path.
    #[error("no Kafka: no Java here; `scripts/bootstrap.sh --kafka` installs it")]
    NoJava,
    /// Java is there, and too old.
    #[error("no Kafka: Java {found} is too old, {OLDEST_JAVA} is needed; `scripts/bootstrap.sh --kafka` installs it")]
    OldJava {
        /// Its major version.
        found: u32,
    },
    /// The jars are not there, and neither is Maven to fetch them.
    #[error("no Kafka: its jars are not here and there is no Maven; `scripts/bootstrap.sh --kafka` installs it")]
    NoMaven,
    /// Maven could not fetch the jars.
    #[error("no Kafka: Maven could not fetch its jars: {detail}")]
    NoJars {
        /// Maven's first error, or the system's.
        detail: String,
    },
}

/// How to run a Kafka program.
#[derive(Debug, Clone)]
pub(super) struct Runtime {
    java: PathBuf,
    class_path: String,
    log_settings: PathBuf,
}

impl Runtime {
    /// Finds Java and the jars; fetches the jars when they are not there or `pom.xml` has changed since.
    pub(super) fn resolve() -> Result<Self, KafkaUnavailable> {
        let java = java()?;
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka");
        let jars = home.join("target/dependency");
        fetch(&home, &jars)?;
        Ok(Self { java, class_path: format!("{}/*", jars.display()), log_settings: home.join("log4j2.properties") })
    }

    /// A command that runs a class of Kafka. Without `heap` the JVM would take a quarter of the machine.
    pub(super) fn command(&self, heap: &str, class: &str) -> Command {
        let mut command = Command::new(&self.java);
        command
            .arg(format!("-Xmx{heap}"))
            .arg("-XX:+UseSerialGC")
            .arg(format!("-Dlog4j2.configurationFile={}", self.log_settings.display()))
            .args(["-cp", &self.class_path, class])
            .stdin(Stdio::null());
        command
    }
}

fn java() -> Result<PathBuf, KafkaUnavailable> {
    let java = match std::env::var_os("JAVA_HOME") {
        Some(home) => Path::new(&home).join("bin/java"),
        None => PathBuf::from("java"),
    };
    let output = Command::new(&java).arg("-version").output().map_err(|_| KafkaUnavailable::NoJava)?;
    let found = major(&String::from_utf8_lossy(&output.stderr)).ok_or(KafkaUnavailable::NoJava)?;
    if found < OLDEST_JAVA { Err(KafkaUnavailable::OldJava { found }) } else { Ok(java) }
}

/// The major version in what `java -version` says: 17 of `"17.0.15"`, 21 of `"21"`, 1 of `"1.8.0"`.
fn major(said: &str) -> Option<u32> {
    let (_, version) = said.split_once("version \"")?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// One process at a time; the others wait and find the work done.
fn fetch(home: &Path, jars: &Path) -> Result<(), KafkaUnavailable> {
    let target = home.join("target");
    let stamp = target.join("fetched-pom.xml");
    fs::create_dir_all(&target).map_err(|e| no_jars(&e))?;
    let lock = File::create(target.join("lock")).map_err(|e| no_jars(&e))?;
    lock.lock().map_err(|e| no_jars(&e))?; // until `lock` is dropped
    let wanted = fs::read(home.join("pom.xml")).map_err(|e| no_jars(&e))?;
    if fs::read(&stamp).is_ok_and(|fetched| fetched == wanted) && jars.is_dir() {
        return Ok(());
    }
    // Jars of another version would shadow the new ones on the class path.
    if jars.exists() {
        fs::remove_dir_all(jars).map_err(|e| no_jars(&e))?;
    }
    let output = Command::new("mvn")
        .args(["-q", "-B", "-f"])
        .arg(home.join("pom.xml"))
        .args(["dependency:copy-dependencies", "-DincludeScope=runtime"])
        .stdin(Stdio::null())
        .output()
        .map_err(|_| KafkaUnavailable::NoMaven)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        let first = said.lines().find(|line| line.contains("ERROR")).unwrap_or("no reason given");
        return Err(KafkaUnavailable::NoJars { detail: first.to_owned() });
    }
    fs::write(&stamp, wanted).map_err(|e| no_jars(&e))
}

fn no_jars(error: &std::io::Error) -> KafkaUnavailable {
    KafkaUnavailable::NoJars { detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_java_is_read_old_and_new() {
        assert_eq!(major("openjdk version \"17.0.15\" 2025-04-15"), Some(17));
        assert_eq!(major("openjdk version \"21\" 2023-09-19"), Some(21));
        assert_eq!(major("java version \"1.8.0_392\""), Some(1));
        assert_eq!(major("command not found"), None);
    }
}
