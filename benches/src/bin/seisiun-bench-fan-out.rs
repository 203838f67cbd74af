//! Plans, sends and delivers a fan-out to very many followers, and says what it
//! took. One run measures one thing.
#![allow(clippy::print_stdout, reason = "its answer is what it prints")]

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use seisiun_bench::fan_out::{self, Assumed, Kind, Pace};

/// Plan, send and deliver a fan-out, and measure it.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Cut the followers into pages.
    Plan(Whom),
    /// The same by a plan with a line for each follower.
    PlanByFollower(Whom),
    /// Send to all of them with nothing to wait for.
    Send {
        #[command(flatten)]
        whom: Whom,
        /// What it tells.
        #[arg(long, default_value = "news")]
        kind: Kind,
    },
    /// Write one mail many times, beside the crate that makes messages.
    Render,
    /// Deliver on a clock that only waiting moves.
    Deliver {
        #[command(flatten)]
        whom: Whom,
        /// Mails a second that are granted.
        #[arg(long)]
        mails_per_second: u32,
        /// Seconds of a whole processor that a mail takes.
        #[arg(long)]
        mail_seconds: f64,
        /// What a function has of one.
        #[arg(long)]
        processor_share: f64,
        /// Pages that are sent at once.
        #[arg(long)]
        pages_at_once: usize,
    },
}

#[derive(Debug, clap::Args)]
struct Whom {
    /// How many followers.
    #[arg(long)]
    followers: usize,
    /// A folder for the manifest.
    #[arg(long)]
    folder: PathBuf,
    #[command(flatten)]
    assumed: Assumed,
}

fn main() -> Result<()> {
    let figures = match Arguments::parse().what {
        What::Plan(Whom { followers, folder, assumed }) => {
            fan_out::plan(followers, assumed, &folder)?
        }
        What::PlanByFollower(Whom { followers, folder, assumed }) => {
            fan_out::plan_by_follower(followers, assumed, &folder)?
        }
        What::Send { whom: Whom { followers, folder, .. }, kind } => {
            fan_out::send(kind, followers, &folder)?
        }
        What::Render => fan_out::render()?,
        What::Deliver { whom, mails_per_second, mail_seconds, processor_share, pages_at_once } => {
            let Whom { followers, folder, assumed } = whom;
            let pace = Pace { mails_per_second, mail_seconds, processor_share, pages_at_once };
            fan_out::deliver(followers, pace, assumed, &folder)?
        }
    };
    println!("{figures}");
    Ok(())
}
