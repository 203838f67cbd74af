//! Which ports an instance uses. They are kept with its data, because the
//! engine stores addresses with its own port in them.

use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::process::write_whole;

/// Below what Linux gives to outgoing connections: a port from there can be taken
/// while a service that is to start again is away.
const OURS: std::ops::Range<u16> = 20_000..32_000;

/// All of them, from a place that differs between processes: two that choose at
/// the same time seldom try the same.
fn candidates() -> Vec<u16> {
    let count = u32::from(OURS.end - OURS.start);
    let first = std::process::id().wrapping_mul(97) % count;
    let first = OURS.start.saturating_add(u16::try_from(first).unwrap_or_default());
    (first..OURS.end).chain(OURS.start..first).collect()
}

/// The ports of one instance, all on 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ports {
    /// The engine.
    pub(crate) engine: u16,
    /// The stand-in for Rekognition.
    pub(crate) rekognition: u16,
    /// The stand-in for SES.
    pub(crate) ses: u16,
    /// The stand-in for GuardDuty; nothing but tests calls it.
    #[serde(default)]
    pub(crate) guardduty: u16,
    /// The front door.
    pub(crate) front_door: u16,
    /// The gateway that tests put between functions and engine; kept free where
    /// there is none.
    #[serde(default)]
    pub(crate) gateway: u16,
}

impl Ports {
    /// Those of the last run where they are still free, others where not. A
    /// front door that was asked for must be free.
    pub(crate) fn choose(file: &Path, front_door: Option<u16>) -> Result<Self> {
        let last: Option<Self> =
            std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        if let Some(port) = front_door
            && TcpListener::bind(("127.0.0.1", port)).is_err()
        {
            bail!("port {port} is taken: stop what uses it, or choose another with --port");
        }
        // All are held until all are chosen, so that no two are the same.
        let mut held = Vec::new();
        let chosen = Self::choose_from(last, front_door, |port| {
            let wanted = if port == 0 { candidates() } else { vec![port] };
            let mut bound =
                wanted.iter().filter_map(|port| TcpListener::bind(("127.0.0.1", *port)).ok());
            let listener = bound.next()?;
            let port = listener.local_addr().ok()?.port();
            held.push(listener);
            Some(port)
        })
        .context("no port is free")?;
        write_whole(file, &serde_json::to_vec_pretty(&chosen)?)?;
        Ok(chosen)
    }

    /// `bind` takes the port that it is given, or any for 0, and tells which.
    fn choose_from(
        last: Option<Self>,
        front_door: Option<u16>,
        mut bind: impl FnMut(u16) -> Option<u16>,
    ) -> Option<Self> {
        let mut pick = |wanted: Option<u16>| match wanted.and_then(&mut bind) {
            Some(port) => Some(port),
            None => bind(0),
        };
        Some(Self {
            front_door: pick(front_door.or(last.map(|last| last.front_door)))?,
            engine: pick(last.map(|last| last.engine))?,
            rekognition: pick(last.map(|last| last.rekognition))?,
            ses: pick(last.map(|last| last.ses))?,
            guardduty: pick(last.map(|last| last.guardduty))?,
            gateway: pick(last.map(|last| last.gateway))?,
        })
    }

    /// Those of the instance as it runs.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text =
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} names no ports", file.display()))
    }

    /// The engine's address.
    pub(crate) fn engine_url(&self) -> String {
        url(self.engine)
    }

    /// Rekognition's address.
    pub(crate) fn rekognition_url(&self) -> String {
        url(self.rekognition)
    }

    /// SES's address.
    pub(crate) fn ses_url(&self) -> String {
        url(self.ses)
    }

    /// The malware scanner's address.
    pub(crate) fn guardduty_url(&self) -> String {
        url(self.guardduty)
    }

    /// The gateway's address.
    pub(crate) fn gateway_url(&self) -> String {
        url(self.gateway)
    }

    /// The front door's address: the origin that a browser sees.
    pub(crate) fn front_door_url(&self) -> String {
        url(self.front_door)
    }
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const LAST: Ports =
        Ports { engine: 1, rekognition: 2, ses: 3, front_door: 4, gateway: 5, guardduty: 6 };

    /// Binds what is not among the taken ones, and counts up for "any".
    fn bind_but(taken: &'static [u16]) -> impl FnMut(u16) -> Option<u16> {
        let mut any = 100;
        move |port| match port {
            0 => {
                any += 1;
                Some(any)
            }
            port => (!taken.contains(&port)).then_some(port),
        }
    }

    #[test]
    fn ports_stay_unless_they_are_taken() {
        assert_eq!(Ports::choose_from(Some(LAST), None, bind_but(&[])), Some(LAST));
        assert_eq!(
            Ports::choose_from(Some(LAST), None, bind_but(&[3])),
            Some(Ports { ses: 101, ..LAST })
        );
        assert_eq!(
            Ports::choose_from(Some(LAST), Some(8080), bind_but(&[])),
            Some(Ports { front_door: 8080, ..LAST })
        );
        assert_eq!(
            Ports::choose_from(None, None, bind_but(&[])),
            Some(Ports {
                front_door: 101,
                engine: 102,
                rekognition: 103,
                ses: 104,
                gateway: 106,
                guardduty: 105
            })
        );
        assert_eq!(Ports::choose_from(None, None, |_| None), None);
    }

    #[test]
    fn the_choice_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ports.json");
        let chosen = Ports::choose(&file, None).unwrap();
        let different = BTreeSet::from([
            chosen.engine,
            chosen.rekognition,
            chosen.ses,
            chosen.front_door,
            chosen.gateway,
            chosen.guardduty,
        ]);
        assert_eq!(different.len(), 6);
        assert_eq!(Ports::read(&file).unwrap(), chosen);
    }

    #[test]
    fn a_front_door_that_was_asked_for_must_be_free() {
        let folder = tempfile::tempdir().unwrap();
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = Ports::choose(&folder.path().join("ports.json"), Some(port)).unwrap_err();
        assert!(error.to_string().contains(&format!("port {port} is taken")), "{error}");
    }
}
