//! What people do in a month, as `ops/cost/usage.yaml` assumes it.

use serde::Deserialize;

/// An assumption with its reason.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumed {
    /// The number.
    pub value: f64,
    /// Why this one.
    pub why: String,
}

macro_rules! usage {
    ($($name:ident)+) => {
        /// Every assumption; what each is, the file says.
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs, reason = "usage.yaml has the words")]
        pub struct Usage {
            /// Registered members at which a month is reckoned.
            pub scales: Vec<f64>,
            $(pub $name: Assumed,)+
        }

        impl Usage {
            /// Each assumption by its name.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, &Assumed)> {
                vec![$((stringify!($name), &self.$name),)+]
            }
        }
    };
}

usage! {
    active_share submissions_per_member session_share edit_share held_share
    photos_per_submission photo_mb photo_prepare_ms photo_public_mb photo_deleted_share scan_retries
    notifications_per_submission views_per_member edge_requests_per_view edge_kb_per_view
    edge_miss_share api_requests_per_view api_miss_share sign_ins_per_active_member
    refreshes_per_active_member sign_ups_per_member follows_per_member follower_share
    watch_seconds listed_per_member country_share months_kept table_kb_per_member
    table_kb_per_submission table_kb_per_mail deployments build_minutes pipeline_minutes
    recorded_per_deployment management_events platform_line_bytes list_paths_per_publication
    mail_code_share
}

impl Usage {
    /// What of it can't be.
    #[must_use]
    pub fn impossible(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, assumed) in self.all() {
            let value = assumed.value;
            if !(value.is_finite() && value >= 0.0) || (name.ends_with("_share") && value > 1.0) {
                wrong.push(format!("{name} can't be {value}"));
            }
            if assumed.why.trim().is_empty() {
                wrong.push(format!("{name} has no reason"));
            }
        }
        if self.session_share.value + self.edit_share.value > 1.0 {
            wrong.push("more than all submissions are sessions and edits".into());
        }
        if self.scales.is_empty() || !self.scales.is_sorted() {
            wrong.push("scales go from few members to many".into());
        }
        wrong
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The assumptions.
    pub(crate) fn usage() -> Usage {
        serde_yaml_ng::from_str(include_str!("../../cost/usage.yaml")).unwrap()
    }

    #[test]
    fn the_assumptions_can_be() {
        assert_eq!(usage().impossible(), Vec::<String>::new());
        let mut wrong = usage();
        wrong.active_share.value = 1.5;
        wrong.watch_seconds.value = -1.0;
        wrong.edit_share.why = " ".into();
        wrong.scales.reverse();
        assert_eq!(wrong.impossible().len(), 4, "{:?}", wrong.impossible());
    }
}
