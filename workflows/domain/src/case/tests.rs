use proptest::prelude::*;

use super::*;

/// Who may do what: the submitter, three moderators, one of whom is complained of.
const PEOPLE: [&str; 4] = ["submitter", "ann", "bo", "complained-of"];

fn member(name: &str) -> MemberId {
    name.parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

fn case(kind: CaseKind) -> Case {
    let facts = Facts {
        kind,
        submitter: member("submitter"),
        about: Some(member("complained-of")),
        title: "Thursday tunes".into(),
        grounds: vec!["link_in_text".into()],
    };
    Case::open("01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap(), at(0), facts)
}

/// What this does to a case, at this second.
fn then(case: &Case, second: i64, by: &str, what: What) -> Result<Case, Refusal> {
    case.apply(&case.next(at(second), Some(member(by)), what))
}

fn decided(measure: Measure, reason: Reason) -> What {
    What::Decided { measure, reason, note: String::new() }
}

fn claimed(second: i64) -> What {
    What::Claimed { until: at(second + limits::CLAIM_SECONDS) }
}

fn code(refused: Result<Case, Refusal>) -> String {
    match refused.unwrap_err() {
        Refusal::NotInOrder(problems) => problems.0[0].code.clone(),
        other => panic!("{other}"),
    }
}

#[test]
fn a_decision_fits_its_ground_and_is_not_ones_own() {
    use Measure::{Approve, Reject};
    let submission = case(CaseKind::Submission);
    let decide = |case: &Case, by, measure, reason| then(case, 1, by, decided(measure, reason));
    assert!(decide(&submission, "bo", Approve, Reason::InOrder).is_ok());
    assert!(decide(&submission, "bo", Reject, Reason::Spam).is_ok());
    for (measure, reason) in
        [(Approve, Reason::Spam), (Reject, Reason::InOrder), (Reject, Reason::Withdrawn)]
    {
        assert_eq!(code(decide(&submission, "bo", measure, reason)), "does_not_fit");
    }
    assert_eq!(code(decide(&submission, "submitter", Approve, Reason::InOrder)), "own_item");
    assert!(decide(&submission, "submitter", Reject, Reason::Withdrawn).is_ok());

    // Of a notice it is the other way round, and neither side decides.
    let notice = case(CaseKind::Notice);
    assert!(decide(&notice, "bo", Approve, Reason::Privacy).is_ok());
    assert!(decide(&notice, "bo", Reject, Reason::InOrder).is_ok());
    assert_eq!(code(decide(&notice, "bo", Approve, Reason::InOrder)), "does_not_fit");
    assert_eq!(code(decide(&notice, "bo", Reject, Reason::Privacy)), "does_not_fit");
    for own in ["submitter", "complained-of"] {
        assert_eq!(code(decide(&notice, own, Approve, Reason::Spam)), "own_item");
    }
}

#[test]
fn a_claim_keeps_others_away_until_it_ends() {
    let case = then(&case(CaseKind::Submission), 1, "ann", claimed(1)).unwrap();
    let end = 1 + limits::CLAIM_SECONDS;
    assert_eq!(case.status(at(end - 1)), Status::Claimed);
    assert_eq!(case.status(at(end)), Status::Open);
    let approve = || decided(Measure::Approve, Reason::InOrder);
    for what in [claimed(2), approve(), What::Escalated { note: String::new() }] {
        let refused = then(&case, 2, "bo", what).unwrap_err();
        assert!(matches!(refused, Refusal::Claimed(claim) if claim.by == member("ann")));
    }
    assert_eq!(then(&case, 2, "bo", What::Released), Err(Refusal::NotClaimed));
    // Whoever looks goes on looking; past the end, another may.
    let extended = then(&case, 300, "ann", claimed(300)).unwrap();
    assert_eq!(extended.status(at(end)), Status::Claimed);
    assert_eq!(extended.changed, 1, "what there is to decide is the same");
    assert!(then(&case, end, "bo", claimed(end)).is_ok());
    assert!(then(&case, 2, "ann", approve()).is_ok());
    let released = then(&case, 2, "ann", What::Released).unwrap();
    assert!(then(&released, 3, "bo", approve()).is_ok());
    // Their own is theirs to take back, whoever looks at it.
    assert!(then(&case, 2, "submitter", decided(Measure::Reject, Reason::Withdrawn)).is_ok());
}

#[test]
fn what_is_passed_on_is_decided_by_somebody_else() {
    let escalated = What::Escalated { note: "Is this a session?".into() };
    let case = then(&case(CaseKind::Submission), 1, "ann", escalated.clone()).unwrap();
    assert_eq!((case.changed, case.waits()), (2, true));
    let approve = || decided(Measure::Approve, Reason::InOrder);
    assert_eq!(code(then(&case, 2, "ann", approve())), "escalated");
    assert_eq!(then(&case, 2, "bo", escalated), Err(Refusal::TooManyEvents));
    assert!(then(&case, 2, "bo", approve()).is_ok());
}

#[test]
fn an_appeal_reaches_somebody_else_once_and_in_time() {
    let appeal = || What::Appealed { words: "It is no advertising.".into() };
    let (approve, spam) =
        (decided(Measure::Approve, Reason::InOrder), decided(Measure::Reject, Reason::Spam));
    let open = case(CaseKind::Submission);
    assert_eq!(then(&open, 1, "submitter", appeal()), Err(Refusal::NothingToAppeal));
    let approved = then(&open, 1, "ann", approve.clone()).unwrap();
    assert_eq!(then(&approved, 2, "submitter", appeal()), Err(Refusal::NothingToAppeal));
    let notice = then(&case(CaseKind::Notice), 1, "ann", spam_of_a_notice()).unwrap();
    assert_eq!(then(&notice, 2, "submitter", appeal()), Err(Refusal::NothingToAppeal));

    let rejected = then(&open, 1, "ann", spam.clone()).unwrap();
    assert_eq!(rejected.status(at(1)), Status::Decided);
    assert_eq!(then(&rejected, 2, "bo", appeal()), Err(Refusal::Nobody));
    let window = limits::APPEAL_DAYS_MAX * 24 * 3_600;
    let late = then(&rejected, window + 2, "submitter", appeal()).unwrap_err();
    assert_eq!(late, Refusal::AppealOver { end: at(window + 1) });
    let appealed = then(&rejected, window + 1, "submitter", appeal()).unwrap();
    assert_eq!(appealed.status(at(window + 1)), Status::Appealed);
    assert_eq!(appealed.ruling().unwrap().measure, Measure::Reject, "it stands meanwhile");
    assert_eq!(then(&appealed, window + 2, "submitter", appeal()), Err(Refusal::AppealedBefore));
    for what in [approve.clone(), claimed(window + 2)] {
        assert_eq!(code(then(&appealed, window + 2, "ann", what)), "own_decision");
    }
    let overturned = then(&appealed, window + 2, "bo", approve).unwrap();
    assert_eq!(overturned.status(at(window + 2)), Status::Overturned);
    assert_eq!(overturned.ruling().unwrap().measure, Measure::Approve);
    let upheld = then(&appealed, window + 2, "bo", spam.clone()).unwrap();
    assert_eq!(upheld.status(at(window + 2)), Status::Upheld);
    let late = then(&upheld, window + 3, "bo", spam).unwrap_err();
    assert!(matches!(late, Refusal::Decided(_)));
}

fn spam_of_a_notice() -> What {
    decided(Measure::Approve, Reason::Spam)
}

#[test]
fn a_machine_decides_first_or_not_at_all() {
    let open = case(CaseKind::Submission);
    let explicit = decided(Measure::Reject, Reason::Explicit);
    let decided = open.apply(&open.next(at(0), None, explicit.clone())).unwrap();
    assert_eq!(decided.ruling().unwrap().moderator, None);
    let claimed = then(&open, 1, "ann", claimed(1)).unwrap();
    assert_eq!(claimed.apply(&claimed.next(at(2), None, explicit)), Err(Refusal::Nobody));
}

#[test]
fn looking_without_end_stops_and_deciding_does_not() {
    let mut case = case(CaseKind::Submission);
    while case.version < limits::CASE_EVENTS_MAX {
        case = then(&case, 1, "ann", claimed(1)).unwrap();
    }
    assert_eq!(then(&case, 1, "ann", claimed(1)), Err(Refusal::TooManyEvents));
    assert!(then(&case, 1, "ann", decided(Measure::Approve, Reason::InOrder)).is_ok());
}

fn edited() -> What {
    let edits = Edits { description: Some("Tunes.".into()), ..Edits::default() };
    What::Edited { edits }
}

#[test]
fn what_waits_is_put_right_by_who_may_decide_it_and_then_is_something_else() {
    let open = case(CaseKind::Submission);
    let right = then(&open, 1, "ann", edited()).unwrap();
    assert_eq!(right.edits.as_ref().unwrap().description.as_deref(), Some("Tunes."));
    assert_eq!((right.status(at(1)), right.changed), (Status::Open, right.version));
    assert_eq!(right.opened(), open, "as it came");
    let undone = then(&right, 2, "ann", What::Edited { edits: Edits::default() }).unwrap();
    assert_eq!(undone.edits, None);

    let claimed = then(&open, 1, "ann", claimed(1)).unwrap();
    assert!(matches!(then(&claimed, 2, "bo", edited()), Err(Refusal::Claimed(_))));
    assert!(then(&claimed, 2, "ann", edited()).unwrap().claim.is_some());
    for (case, by) in [
        (&open, "submitter"),
        (&case(CaseKind::Notice), "ann"),
        (&then(&open, 1, "ann", What::Escalated { note: String::new() }).unwrap(), "ann"),
    ] {
        assert!(matches!(then(case, 2, by, edited()), Err(Refusal::NotInOrder(_))), "{by}");
    }
    let decided = then(&right, 2, "ann", decided(Measure::Approve, Reason::InOrder)).unwrap();
    assert!(matches!(then(&decided, 3, "ann", edited()), Err(Refusal::Decided(_))));
    assert!(decided.edits.is_some(), "and so it is published");
}

fn any_what() -> impl Strategy<Value = (usize, i64, u8, bool)> {
    (0..PEOPLE.len(), 0..2_000i64, 0..14u8, any::<bool>())
}

fn what(n: u8, now: i64) -> What {
    match n {
        0 => What::Opened,
        1..=3 => claimed(now),
        4 => What::Released,
        5 => What::Escalated { note: String::new() },
        6 => decided(Measure::Approve, Reason::InOrder),
        7 => decided(Measure::Reject, Reason::Spam),
        8 => decided(Measure::Reject, Reason::Withdrawn),
        9 => decided(Measure::Approve, Reason::Spam),
        10 | 11 => edited(),
        _ => What::Appealed { words: "No.".into() },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is tried in whatever order: what is kept replays to the case as it
    /// is, and what is not kept was refused with a reason and changed nothing.
    #[test]
    fn a_case_is_what_its_events_come_to(
        tried in prop::collection::vec(any_what(), 0..40), notice in any::<bool>(),
    ) {
        let kind = if notice { CaseKind::Notice } else { CaseKind::Submission };
        let mut case = case(kind);
        let mut kept = Vec::new();
        let mut now = 0;
        for (who, pause, n, stale) in tried {
            now += pause;
            let mut event = case.next(at(now), Some(member(PEOPLE[who])), what(n, now));
            if stale {
                event.version -= 1;
            }
            let before = case.clone();
            match case.apply(&event) {
                Ok(next) => {
                    prop_assert!(!stale);
                    prop_assert_eq!(next.version, before.version + 1);
                    kept.push(event);
                    case = next;
                }
                Err(refusal) => prop_assert!(!refusal.to_string().is_empty()),
            }
            prop_assert_eq!(&case.opened().replay(&kept).unwrap(), &case);
            prop_assert_eq!(case.status(at(now)), told(&kept, now));
        }
        // What is written is what is read.
        let text = serde_json::to_string(&kept).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<Event>>(&text).unwrap(), kept);
        prop_assert!(case.version <= limits::CASE_EVENTS_MAX + 4);
    }
}

/// Where a case stands, told from its events by looking for the last of each,
/// without any of the rules.
fn told(events: &[Event], now: i64) -> Status {
    let mut status = Status::Open;
    let mut first = None;
    let mut until = None;
    for Event { what, .. } in events {
        match what {
            What::Opened => unreachable!("a case is opened once"),
            What::Claimed { until: end } => until = Some(*end),
            What::Edited { .. } => {}
            What::Released | What::Escalated { .. } => until = None,
            What::Decided { measure, .. } => {
                until = None;
                status = match first {
                    None => Status::Decided,
                    Some(first) if first == *measure => Status::Upheld,
                    Some(_) => Status::Overturned,
                };
                first = first.or(Some(*measure));
            }
            What::Appealed { .. } => status = Status::Appealed,
        }
    }
    if until.is_some_and(|end| at(now) < end) { Status::Claimed } else { status }
}
