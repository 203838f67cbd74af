//! The port suites on the memory backend.

use jiff::{Timestamp, ToSpan};
use seisiun_domain::submission::Workflow;
use seisiun_workflows::{
    memory::{Memory, RESET_CODE, SIGN_UP_CODE},
    object_suites,
    port_suites::{
        accounts, answers_to_nobody, approved_photo, executions, fresh_email, malware_scan,
        refreshed_lists, suppressions, waiting_for_a_decision,
    },
    ports::ApprovePhotos,
    store_suites,
};

store_suites!(Memory::default());
object_suites!(Memory::default());

#[tokio::test]
async fn suppressed_addresses() {
    let memory = Memory::default();
    let email = fresh_email();
    memory.state().suppressed.insert(email.suppression_key());
    suppressions(&memory, &email).await;
}

#[tokio::test]
async fn answers_of_the_malware_scanner() {
    let memory = Memory::default();
    malware_scan(&memory, async |key, scan| {
        memory.state().malware_scans.insert(key.to_owned(), scan);
    })
    .await;
}

#[tokio::test]
async fn a_decision_finds_who_waits() {
    let memory = Memory::default();
    waiting_for_a_decision(&memory, async |case, token| memory.await_decision(case, &token)).await;
}

#[tokio::test]
async fn the_first_approval_stands() {
    let memory = Memory::default();
    let first = approved_photo(Timestamp::now());
    let mut later = first.clone();
    later.approved_at = first.approved_at.checked_add(1.hour()).unwrap();
    let session = seisiun_domain::SessionId::new(first.photo_id.ulid());
    for photo in [&first, &later] {
        memory.approve_photos(session, std::slice::from_ref(photo)).await.unwrap();
    }
    assert_eq!(memory.state().approvals[&(session, first.photo_id)], first);
}

#[tokio::test]
async fn executions_by_name() {
    executions(&Memory::default(), Workflow::SessionSubmission).await;
    answers_to_nobody(&Memory::default()).await;
}

#[tokio::test]
async fn accounts_and_their_passwords() {
    accounts(&Memory::default(), SIGN_UP_CODE, RESET_CODE).await;
}

#[tokio::test]
async fn lists_are_refreshed() {
    let memory = Memory::default();
    refreshed_lists(&memory, &memory).await;
}
