//! The plans, and what each has seen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::call::Call;

/// Most plans at a time.
const PLANS_MAX: usize = 1_000;

/// Most calls that a plan remembers: a submission makes far fewer.
const SEEN_MAX: usize = 1_000;

/// What precedes a submission's id where it is stored.
const SUBMISSION: &str = "SUB#";

/// How a read of many records ends. It names what a member sent before, whatever
/// it is read for: it is about none of it.
const READS_MANY: &str = ".BatchGetItem";

/// Characters of a ULID.
const ID_CHARS: usize = 26;

/// What happens to one request of one submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Texts, at least one of which is in every request about this submission:
    /// a part of its title, its photos' ids. Its own id is learned from the
    /// first request that stores it.
    pub about: Vec<String>,
    /// Only requests of the function whose name ends so.
    #[serde(default)]
    pub caller: String,
    /// Requests of the functions whose names end so are not counted. For what
    /// does not always do the same for the same submission.
    #[serde(default)]
    pub except: Vec<String>,
    /// Which requests are counted.
    #[serde(default)]
    pub counts: Counts,
    /// Which of them it is, from 1. 0: none, they are only counted.
    pub nth: u32,
    /// What happens to it.
    pub action: Action,
}

/// Which requests are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Those that change something.
    #[default]
    Effects,
    /// All.
    All,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// The engine does the work and the answer is lost; so many further
    /// requests of the caller are refused, so that its client's own retries do
    /// not hide it.
    LoseAnswer {
        /// How many.
        then_refuse: u32,
    },
    /// The engine does the work and the answer is held, as are all further
    /// requests of the caller about it, undone, until the plans are ended. Then
    /// they get no answer.
    Hold,
}

/// A request that a plan has counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCall {
    /// The function.
    pub caller: String,
    /// What it asked for.
    pub operation: String,
}

/// A plan and what has come of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanView {
    /// Its number.
    pub number: u64,
    /// The plan.
    pub plan: Plan,
    /// What it has counted, in order.
    pub seen: Vec<SeenCall>,
    /// Whether its request has come.
    pub met: bool,
}

/// Why a plan was not taken on.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlanRefused {
    /// It would hit everything.
    #[error("about must not be empty")]
    Empty,
    /// Too many are open.
    #[error("{PLANS_MAX} plans are open: end them first")]
    Full,
}

/// What is to be done with a request.
#[derive(Debug)]
pub(super) enum Meeting {
    /// Nothing.
    Pass,
    /// Not passed on, and not answered.
    Refuse,
    /// Passed on, and not answered.
    Lose,
    /// Passed on, and held before the answer.
    Hold(watch::Receiver<bool>),
    /// Held, and not passed on.
    HoldBack(watch::Receiver<bool>),
}

#[derive(Debug)]
struct Open {
    number: u64,
    plan: Plan,
    names: Vec<String>,
    seen: Vec<SeenCall>,
    count: u32,
    met: bool,
    /// Of the one that was met: whose further requests it is about.
    caller: String,
    refuse: u32,
    release: watch::Sender<bool>,
}

impl Open {
    fn is_about(&self, call: &Call) -> bool {
        !call.operation.ends_with(READS_MANY)
            && self.names.iter().any(|name| call.text.contains(name))
    }

    /// Takes note of ids, by which later requests are known.
    fn learn(&mut self, call: &Call) {
        for (at, _) in call.text.match_indices(SUBMISSION) {
            let id = call.text.get(at + SUBMISSION.len()..).and_then(|rest| rest.get(..ID_CHARS));
            if let Some(id) = id.filter(|id| id.chars().all(|c| c.is_ascii_alphanumeric()))
                && !self.names.iter().any(|name| name == id)
            {
                self.names.push(id.to_owned());
            }
        }
    }

    fn meet(&mut self, call: &Call) -> Meeting {
        self.learn(call);
        if self.met && call.caller == self.caller {
            match self.plan.action {
                Action::Hold => return Meeting::HoldBack(self.release.subscribe()),
                Action::LoseAnswer { .. } if self.refuse > 0 => {
                    self.refuse -= 1;
                    return Meeting::Refuse;
                }
                Action::LoseAnswer { .. } => {}
            }
        }
        let excepted = self.plan.except.iter().any(|end| call.caller.ends_with(end));
        let counted = !excepted
            && call.caller.ends_with(&self.plan.caller)
            && (call.has_effect || self.plan.counts == Counts::All);
        if !counted {
            return Meeting::Pass;
        }
        self.count += 1;
        if self.seen.len() < SEEN_MAX {
            let (caller, operation) = (call.caller.clone(), call.operation.clone());
            self.seen.push(SeenCall { caller, operation });
        }
        if self.met || self.count != self.plan.nth {
            return Meeting::Pass;
        }
        self.met = true;
        self.caller.clone_from(&call.caller);
        match self.plan.action {
            Action::LoseAnswer { then_refuse } => {
                self.refuse = then_refuse;
                Meeting::Lose
            }
            Action::Hold => Meeting::Hold(self.release.subscribe()),
        }
    }
}

/// All open plans. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Board {
    open: Arc<Mutex<(u64, Vec<Open>)>>,
}

impl Board {
    fn open(&self) -> MutexGuard<'_, (u64, Vec<Open>)> {
        // A panic while the lock was held cannot leave the plans half changed.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, plan: Plan) -> Result<u64, PlanRefused> {
        if plan.about.is_empty() || plan.about.iter().any(String::is_empty) {
            return Err(PlanRefused::Empty);
        }
        let (last, open) = &mut *self.open();
        if open.len() >= PLANS_MAX {
            return Err(PlanRefused::Full);
        }
        *last += 1;
        open.push(Open {
            number: *last,
            names: plan.about.clone(),
            plan,
            seen: Vec::new(),
            count: 0,
            met: false,
            caller: String::new(),
            refuse: 0,
            release: watch::Sender::new(false),
        });
        Ok(*last)
    }

    pub(super) fn list(&self) -> Vec<PlanView> {
        let (_, open) = &*self.open();
        let view = |open: &Open| PlanView {
            number: open.number,
            plan: open.plan.clone(),
            seen: open.seen.clone(),
            met: open.met,
        };
        open.iter().map(view).collect()
    }

    /// Ends a plan, or all.
    pub(super) fn end(&self, number: Option<u64>) {
        let (_, open) = &mut *self.open();
        for ended in open.extract_if(.., |open| number.is_none_or(|number| open.number == number)) {
            ended.release.send_replace(true);
        }
    }

    /// The first plan that has something to say about this request; the others
    /// about the same submission count it too.
    pub(super) fn meet(&self, call: &Call) -> Meeting {
        let (_, open) = &mut *self.open();
        let mut meeting = Meeting::Pass;
        for plan in open.iter_mut().filter(|plan| plan.is_about(call)) {
            let its = plan.meet(call);
            if matches!(meeting, Meeting::Pass) {
                meeting = its;
            }
        }
        meeting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01J9ZZZZZZZZZZZZZZZZZZZZZZ";

    fn call(caller: &str, has_effect: bool, text: &str) -> Call {
        Call { caller: caller.into(), operation: "op".into(), has_effect, text: text.into() }
    }

    fn plan(nth: u32, action: Action) -> Plan {
        let about = vec!["Reels at the Quay".into()];
        let (caller, except) = (String::new(), Vec::new());
        Plan { about, caller, except, counts: Counts::Effects, nth, action }
    }

    #[test]
    fn the_nth_effect_is_lost_and_its_retries_refused() {
        let board = Board::default();
        board.add(plan(2, Action::LoseAnswer { then_refuse: 1 })).unwrap();
        let accept = format!("SUB#{ID} Reels at the Quay");
        assert!(matches!(board.meet(&call("api", true, &accept)), Meeting::Pass));
        assert!(matches!(board.meet(&call("tell", false, ID)), Meeting::Pass), "no effect");
        assert!(matches!(board.meet(&call("tell", true, "another")), Meeting::Pass));
        assert!(matches!(board.meet(&call("tell", true, ID)), Meeting::Lose));
        assert!(matches!(board.meet(&call("api", true, ID)), Meeting::Pass), "another caller");
        assert!(matches!(board.meet(&call("tell", true, ID)), Meeting::Refuse));
        assert!(matches!(board.meet(&call("tell", true, ID)), Meeting::Pass));
        let view = board.list();
        assert!(view[0].met);
        assert_eq!(view[0].seen.len(), 4);
    }

    #[test]
    fn what_is_held_is_let_go_when_the_plans_end() {
        let board = Board::default();
        let held = Plan { caller: "tell".into(), counts: Counts::All, ..plan(1, Action::Hold) };
        board.add(held).unwrap();
        assert!(matches!(board.meet(&call("api", true, "Reels at the Quay")), Meeting::Pass));
        let Meeting::Hold(first) = board.meet(&call("tell", false, "Reels at the Quay")) else {
            panic!("not held");
        };
        let Meeting::HoldBack(second) = board.meet(&call("tell", true, "Reels at the Quay")) else {
            panic!("not held back");
        };
        assert!(!*first.borrow() && !*second.borrow());
        board.end(None);
        assert!(*first.borrow() && *second.borrow());
        assert!(board.list().is_empty());
    }

    #[test]
    fn what_is_excepted_is_not_counted() {
        let board = Board::default();
        let lost = plan(1, Action::LoseAnswer { then_refuse: 0 });
        board.add(Plan { except: vec!["-reconcile".into()], ..lost }).unwrap();
        let text = "Reels at the Quay";
        assert!(matches!(board.meet(&call("x-reconcile", true, text)), Meeting::Pass));
        assert!(matches!(board.meet(&call("x-tell", true, text)), Meeting::Lose));
    }

    #[test]
    fn a_read_of_many_is_about_none_of_them() {
        let board = Board::default();
        let other = "01J9YYYYYYYYYYYYYYYYYYYYYY";
        board.add(plan(3, Action::Hold)).unwrap();
        let accept = format!("SUB#{ID} Reels at the Quay");
        assert!(matches!(board.meet(&call("api", true, &accept)), Meeting::Pass));
        // Another submission of the same member is judged, and looks back at theirs.
        let operation = "DynamoDB_20120810.BatchGetItem".into();
        let back = Call { operation, ..call("text", false, &format!("SUB#{ID} SUB#{other}")) };
        assert!(matches!(board.meet(&back), Meeting::Pass));
        for _ in 0..3 {
            assert!(matches!(board.meet(&call("tell", true, other)), Meeting::Pass));
        }
        assert_eq!(board.list()[0].seen.len(), 1);
    }

    #[test]
    fn a_plan_about_nothing_is_refused() {
        let board = Board::default();
        let nothing = Plan { about: vec![String::new()], ..plan(1, Action::Hold) };
        assert!(matches!(board.add(nothing), Err(PlanRefused::Empty)));
    }
}
