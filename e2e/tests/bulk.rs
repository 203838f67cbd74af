//! On the engine: many sessions at once, past the workflows. How near-me
//! answers with them there, and what it asks the table; `long.rs` does the same
//! with thousands.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and shows what it counted"
)]

use seisiun_e2e::{
    Stack,
    bulk::{Destination, imported},
    invented, near,
};
use seisiun_workflows::import_sessions::Outcome;
use serde_json::json;

/// Sessions that are loaded.
const COUNT: usize = 300;
/// Another seed than the long test's: both may run on one stack.
const SEED: u64 = 300;
/// Lists that they stand in: cells, counties, countries.
const LISTS: u64 = 275;
/// Searches up to nineteen kilometres, and as many further.
const SEARCHES: usize = 25;

#[tokio::test]
async fn hundreds_of_sessions_are_loaded_once_and_found_with_nine_queries() {
    let stack = Stack::from_env().await.unwrap();
    let destination = Destination::of_stack(&stack).unwrap();
    let loaded = destination.load(COUNT, SEED).await.unwrap();
    assert_eq!(loaded.outcome, Outcome { listed: COUNT, ..Outcome::default() });

    let all = imported(&invented::sessions(COUNT, SEED).unwrap()).unwrap();
    let asked = near::ask(&stack, &all, &near::circles(&all, SEARCHES)).await.unwrap();
    println!("{asked:?}");
    assert_eq!(asked.searches, 2 * SEARCHES);
    assert!(asked.found > SEARCHES, "{asked:?}");
    assert_eq!(near::read_lists(&stack, &all, 20).await.unwrap(), 20);

    // No submissions, no events, no mails: nobody is told of three hundred.
    let id = all[0].id;
    let page = stack.http.get(stack.url(&format!("/api/sessions/{id}")).unwrap());
    assert!(page.send().await.unwrap().status().is_success());

    let again = destination.load(COUNT, SEED).await.unwrap();
    assert_eq!(again.outcome, Outcome { stand: COUNT, ..Outcome::default() });

    // What the schedule runs once an hour, under its own role: that hour's share.
    let function = stack.function("refresh-listings").unwrap();
    let hourly = stack.invoke(&function, &json!({ "source": "aws.events" })).await.unwrap();
    println!("{hourly}");
    let count = |name: &str| hourly[name].as_u64().unwrap();
    let (lists, counties) = (count("lists"), count("counties"));
    assert!((1..LISTS).contains(&lists) && counties <= lists, "{hourly}");
    assert!(count("pages") >= counties, "each county has its page: {hourly}");
    // All files are of today.
    assert_eq!((count("removed"), count("restored")), (0, 0));
    near::read_lists(&stack, &all, 20).await.unwrap();
}
