//! Free loopback ports that stay free.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// Below the range from which the kernel gives ports to outgoing connections (32768 and up on Linux). A port of that range
/// could be taken by any client while its broker is down.
const RANGE: std::ops::Range<u16> = 16_384..32_768;

/// `count` different ports of 127.0.0.1 on which nobody listens now. Another process may still take one before the broker
/// does; the broker then ends and the cluster is started anew.
pub(super) fn free(count: usize) -> Vec<u16> {
    let width = u64::from(RANGE.end - RANGE.start);
    let mut held = Vec::new();
    let mut start = RandomState::new().build_hasher().finish() % width;
    for _ in 0..width {
        start = (start + 1) % width;
        let offset = u16::try_from(start).expect("invariant: smaller than the range");
        // Held until all are found, so that no port is found twice.
        held.extend(TcpListener::bind((Ipv4Addr::LOCALHOST, RANGE.start + offset)));
        if held.len() == count {
            break;
        }
    }
    assert_eq!(held.len(), count, "not enough free ports on 127.0.0.1");
    held.iter().map(|l| l.local_addr().expect("invariant: a bound listener has an address").port()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_differ_and_lie_below_those_of_outgoing_connections() {
        let mut ports = free(6);
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 6);
        assert!(ports.iter().all(|port| RANGE.contains(port)), "{ports:?}");
    }
}
