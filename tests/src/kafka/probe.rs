//! One metadata request by hand, so that "it is up" means "it answers, and it is ours".
//!
//! An open port alone proves neither: it may be another process's, and Kafka listens before it knows its cluster.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

const TIME_LIMIT: Duration = Duration::from_secs(3);
/// Far over any answer about three brokers; a stranger's bytes must not make us allocate.
const LARGEST_ANSWER: usize = 1 << 20;
const METADATA: i16 = 3;
/// Old enough to have no tagged fields, new enough to carry the cluster's id.
const VERSION: i16 = 4;

/// What a broker says about its cluster.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) cluster_id: String,
    /// Node ids of the brokers alive, in order.
    pub(super) nodes: Vec<i32>,
}

/// Asks the broker on a loopback port.
pub(super) fn metadata(port: u16) -> io::Result<Metadata> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, TIME_LIMIT)?;
    stream.set_read_timeout(Some(TIME_LIMIT))?;
    stream.set_write_timeout(Some(TIME_LIMIT))?;
    stream.write_all(&request())?;

    let mut size = [0; 4];
    stream.read_exact(&mut size)?;
    let size = usize::try_from(i32::from_be_bytes(size)).map_err(|_| malformed())?;
    if size > LARGEST_ANSWER {
        return Err(malformed());
    }
    let mut answer = vec![0; size];
    stream.read_exact(&mut answer)?;
    parse(&answer).ok_or_else(malformed)
}

/// Asks for no topic: brokers and cluster only.
fn request() -> Vec<u8> {
    let mut body = Vec::new();
    body.extend(METADATA.to_be_bytes());
    body.extend(VERSION.to_be_bytes());
    body.extend(1_i32.to_be_bytes()); // correlation id
    body.extend((-1_i16).to_be_bytes()); // no client id
    body.extend(0_i32.to_be_bytes()); // topics
    body.push(0); // create none
    let size = i32::try_from(body.len()).expect("invariant: a request of some 17 bytes");
    [size.to_be_bytes().as_slice(), &body].concat()
}

fn parse(answer: &[u8]) -> Option<Metadata> {
    let mut rest = Cursor(answer);
    rest.int()?; // correlation id
    rest.int()?; // throttle time
    let mut nodes = Vec::new();
    for _ in 0..rest.int()? {
        nodes.push(rest.int()?);
        rest.string()?; // host
        rest.int()?; // port
        rest.string()?; // rack
    }
    nodes.sort_unstable();
    Some(Metadata { cluster_id: rest.string()?, nodes })
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn int(&mut self) -> Option<i32> {
        let (int, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i32::from_be_bytes(*int))
    }

    /// A string with its length before it; the null string is empty.
    fn string(&mut self) -> Option<String> {
        let (len, rest) = self.0.split_first_chunk()?;
        let len = usize::try_from(i16::from_be_bytes(*len)).unwrap_or(0);
        let (text, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a Kafka metadata answer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_cut_at_any_byte_is_refused() {
        let mut answer = Vec::new();
        for int in [1_i32, 0, 2] {
            answer.extend(int.to_be_bytes());
        }
        for node in [2_i32, 1] {
            answer.extend(node.to_be_bytes());
            answer.extend([0, 1, b'h']);
            answer.extend(9092_i32.to_be_bytes());
            answer.extend((-1_i16).to_be_bytes());
        }
        answer.extend([0, 2, b'i', b'd']);
        assert_eq!(parse(&answer), Some(Metadata { cluster_id: "id".to_owned(), nodes: vec![1, 2] }));
        for cut in 0..answer.len() {
            assert_eq!(parse(&answer[..cut]), None, "cut at {cut}");
        }
    }
}
