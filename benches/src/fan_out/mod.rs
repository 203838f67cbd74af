//! A fan-out to very many followers: the tasks that plan, send and add up, on a
//! table that stands in for DynamoDB's.
//!
//! The stand-in generates followers and stores none, answers after the time that
//! a real one is assumed to take, and counts each call in the requests and units
//! that the adapter's own would come to. What is decided, read, written and
//! rendered is done by the very tasks that are deployed.

mod followers;
mod measure;
mod size;
mod table;

use clap::Args;

pub use measure::{Kind, Pace, deliver, plan, plan_by_follower, render, send};

/// How long others take. Where AWS documents a figure, it is that one.
#[derive(Debug, Clone, Copy, PartialEq, Args)]
pub struct Assumed {
    /// Milliseconds that a request of the table takes. DynamoDB promises "single-digit
    /// millisecond" for small items.
    #[arg(long, default_value_t = 5.0)]
    pub table_ms: f64,
    /// Milliseconds that each megabyte of an answer takes besides. Nobody documents
    /// it; far more than the network between services of a region does.
    #[arg(long, default_value_t = 10.0)]
    pub table_megabyte_ms: f64,
    /// Read units a second of one partition, at most: DynamoDB's limit.
    #[arg(long, default_value_t = 3_000.0)]
    pub partition_reads: f64,
    /// Read units a second of the table, if it writes nothing at the same time: what
    /// DynamoDB gives a new table on demand.
    #[arg(long, default_value_t = 12_000.0)]
    pub table_reads: f64,
    /// Write units a second of the table, if it reads nothing at the same time.
    #[arg(long, default_value_t = 4_000.0)]
    pub table_writes: f64,
    /// Milliseconds that an object takes to be read or written. Assumed.
    #[arg(long, default_value_t = 50.0)]
    pub object_ms: f64,
    /// Milliseconds until the mail service has taken a mail. Assumed: SES documents
    /// none.
    #[arg(long, default_value_t = 100.0)]
    pub mail_ms: f64,
    /// Milliseconds until a page's own execution has begun and its function was
    /// called. Assumed.
    #[arg(long, default_value_t = 200.0)]
    pub start_ms: f64,
}

impl Assumed {
    /// Everybody answers at once: what is left is our own work.
    #[must_use]
    pub fn nothing_takes_time() -> Self {
        Self {
            table_ms: 0.0,
            table_megabyte_ms: 0.0,
            partition_reads: f64::INFINITY,
            table_reads: f64::INFINITY,
            table_writes: f64::INFINITY,
            object_ms: 0.0,
            mail_ms: 0.0,
            start_ms: 0.0,
        }
    }
}
