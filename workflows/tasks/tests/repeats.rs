//! Every task of every scenario is run twice, and again with the answer to each
//! of its effects lost: the end must be the same.
//!
//! The one difference allowed is the e-mail crash window (docs/adr/0002): a
//! mail whose claim's answer was lost may stay unsent, a mail whose own answer
//! was lost stays claimed but unmarked. Never is one sent twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod world;

use seisiun_workflows::{memory::State, ports::MailKey};
use world::{Step, World, scenarios};

/// The state without what was permitted: a repeat may ask for a permit and have no
/// mail to send.
fn without_pace(state: &State) -> State {
    State { permitted: None, ..state.clone() }
}

/// The state without the ledger of mails, which is compared apart.
fn without_mail(state: &State) -> State {
    let mut state = without_pace(state);
    state.mails.clear();
    state.claims.clear();
    // What became of it was waited for, and its pages sent once more.
    state.send_event = None;
    state.objects.retain(|(_, key), _| !key.starts_with("fan-out/"));
    for page in state.pages.values_mut() {
        // A mail in the crash window counts as unresolved instead of sent.
        page.sent += page.unresolved;
        page.unresolved = 0;
    }
    state
}

fn mails(state: &State) -> Vec<(String, &'static str)> {
    let mut mails: Vec<_> = state.mails.iter().map(|mail| (mail.to.clone(), mail.kind)).collect();
    mails.sort();
    mails
}

fn unmarked(state: &State) -> Vec<&MailKey> {
    state.claims.iter().filter(|(_, claim)| claim.mark.is_none()).map(|(key, _)| key).collect()
}

async fn play(world: &World, steps: &[Step], times: usize) -> State {
    for step in steps {
        for _ in 0..times {
            world.run(step).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
        }
    }
    without_pace(&world.memory.state())
}

#[tokio::test]
async fn a_task_run_twice_has_one_effect() {
    for (name, prepare, steps) in scenarios() {
        let once = play(&prepare(), &steps, 1).await;
        let twice = play(&prepare(), &steps, 2).await;
        assert_eq!(once, twice, "{name}");
    }
}

#[tokio::test]
async fn a_workflow_run_again_from_its_start_has_one_effect() {
    for (name, prepare, steps) in scenarios() {
        let once = play(&prepare(), &steps, 1).await;
        let world = prepare();
        play(&world, &steps, 1).await;
        let again = play(&world, &steps, 1).await;
        assert_eq!(once, again, "{name}");
    }
}

#[tokio::test]
async fn a_lost_answer_after_any_effect_changes_nothing() {
    let mut faults = 0;
    for (name, prepare, steps) in scenarios() {
        let expected = play(&prepare(), &steps, 1).await;
        for faulty in 0..steps.len() {
            for effect in 0.. {
                let world = prepare();
                let mut reached = false;
                for (n, step) in steps.iter().enumerate() {
                    if n == faulty {
                        world.memory.lose_answer(effect);
                        let first = world.run(step).await;
                        reached = !world.memory.fuse_is_left();
                        if first.is_err() {
                            assert!(reached, "{name}: {step:?} failed by itself");
                            world.run(step).await.unwrap_or_else(|error| {
                                panic!("{name}: {step:?} after losing the answer to effect {effect}: {error}")
                            });
                        }
                    } else {
                        world.run(step).await.unwrap();
                    }
                }
                if !reached {
                    // The step has fewer effects than this: all are tried.
                    break;
                }
                faults += 1;
                let context = format!("{name}: {:?}, effect {effect}", steps[faulty]);
                let state = world.memory.state().clone();
                assert_eq!(without_mail(&state), without_mail(&expected), "{context}");
                let (sent, wanted) = (mails(&state), mails(&expected));
                for mail in &sent {
                    let count =
                        |list: &[(String, &str)]| list.iter().filter(|m| *m == mail).count();
                    assert!(count(&sent) <= count(&wanted), "{context}: {mail:?} sent twice");
                }
                let missing = wanted.len() - sent.len();
                assert!(missing <= 1 && unmarked(&state).len() <= 1, "{context}");
                assert!(
                    missing == 0 || unmarked(&state).len() == 1,
                    "{context}: lost without a trace"
                );
            }
        }
    }
    // Guards against a harness that injects nothing.
    assert!(faults > 60, "only {faults} faults were injected");
}
