//! The Kafka that the other suites stand on: it starts, it loses a broker, it gets it back.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sitr_tests::kafka::Cluster;

const PATIENCE: Duration = Duration::from_secs(60);

/// Looks until `holds` does, for other processes take their time.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn one_broker_answers_pauses_and_leaves_nothing_behind() {
    let Ok(mut kafka) = Cluster::start(1) else { return };
    assert_eq!(kafka.alive_according_to(0), Some(vec![1]));
    assert!(kafka.bootstrap_servers().starts_with("127.0.0.1:"));
    let rss = kafka.rss(0).unwrap();
    assert!((50 << 20..1 << 30).contains(&rss), "{rss} bytes");

    kafka.pause(0);
    assert_eq!(kafka.alive_according_to(0), None, "a stopped process does not answer");
    kafka.resume(0);
    eventually("the broker answers again", || kafka.alive_according_to(0).is_some());

    kafka.stop(0);
    assert_eq!(kafka.pid(0), None);
    kafka.restart(0);
    assert_eq!(kafka.alive_according_to(0), Some(vec![1]));

    let (pid, dir) = (kafka.pid(0).unwrap(), kafka.dir().to_owned());
    drop(kafka);
    assert!(!dir.exists());
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn three_brokers_lose_one_and_get_it_back() {
    let Ok(mut kafka) = Cluster::start(3) else { return };
    assert_eq!(kafka.alive_according_to(0), Some(vec![1, 2, 3]));
    assert_eq!(kafka.bootstrap_servers().split(',').count(), 3);

    let before = kafka.pid(1);
    kafka.kill(1);
    assert_eq!((kafka.pid(1), kafka.rss(1)), (None, None));
    eventually("the others give it up", || kafka.alive_according_to(0) == Some(vec![1, 3]));

    kafka.restart(1);
    assert_ne!(kafka.pid(1), before);
    for index in 0..3 {
        assert_eq!(kafka.alive_according_to(index), Some(vec![1, 2, 3]), "according to broker {index}");
    }
}

#[test]
fn the_command_ends_its_broker_even_when_it_is_killed() {
    // Says `SKIPPED` where there is no Kafka, and has the jars in place where there is.
    let Ok(kafka) = Cluster::start(1) else { return };
    drop(kafka);
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafka"))
        .args(["--brokers", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(command.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let address: SocketAddr = address.trim().parse().unwrap();
    assert!(TcpStream::connect(address).is_ok());

    command.kill().unwrap();
    command.wait().unwrap();
    eventually("the broker has ended", || TcpStream::connect(address).is_err());
}
