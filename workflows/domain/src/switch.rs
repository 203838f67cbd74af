//! Switches that an operator throws in an emergency. What is off is as good as
//! out of order for a while: nothing accepted is lost by it.

use serde::{Deserialize, Serialize};

/// What can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// Every mail of ours; Cognito's own go on. What is owed waits.
    Mail,
    /// Uploads of photos. Everything else can be sent without them.
    Uploads,
}

impl Switch {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Uploads];

    /// Its name, as the table and an operator's request spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Uploads => "uploads",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_spelt_in_one_way() {
        for switch in Switch::ALL {
            assert_eq!(json!(switch), switch.name());
        }
    }
}
