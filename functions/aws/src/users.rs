//! The user pool: whose verified address a token stands for.

use aws_sdk_cognitoidentityprovider::{
    Client, error::SdkError, operation::get_user::GetUserError, types::AttributeType,
};
use seisiun_domain::member::Email;
use seisiun_workflows::ports::{LookUpEmail, PortResult};

use crate::{SdkConfig, classify::quiet_error};

const GET_USER: &str = "cognito-idp:GetUser";

/// The user pool that issued the tokens.
#[derive(Debug, Clone)]
pub struct Users {
    client: Client,
}

impl Users {
    /// The user pools of the configured region; a token names its own.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}

impl LookUpEmail for Users {
    async fn look_up_email(&self, access_token: &str) -> PortResult<Option<Email>> {
        match self.client.get_user().access_token(access_token).send().await {
            Ok(user) => Ok(verified_email(user.user_attributes())),
            // The token was good a moment ago: signed out, or removed.
            Err(SdkError::ServiceError(context))
                if matches!(
                    context.err(),
                    GetUserError::NotAuthorizedException(_)
                        | GetUserError::UserNotFoundException(_)
                        | GetUserError::UserNotConfirmedException(_)
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(quiet_error(GET_USER, &error)),
        }
    }
}

fn verified_email(attributes: &[AttributeType]) -> Option<Email> {
    let value = |name| attributes.iter().find(|a| a.name() == name)?.value();
    if value("email_verified") != Some("true") {
        return None;
    }
    Email::try_from(value("email")?.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> Vec<AttributeType> {
        let attribute = |(name, value): &(&str, &str)| {
            AttributeType::builder().name(*name).value(*value).build()
        };
        pairs.iter().map(|pair| attribute(pair).unwrap()).collect()
    }

    #[test]
    fn only_a_verified_address_counts() {
        let email = ("email", "a@seisiun.example");
        for (pairs, found) in [
            (&[email, ("email_verified", "true")][..], true),
            (&[email, ("email_verified", "false")], false),
            (&[email], false),
            (&[("email_verified", "true")], false),
            (&[("email", "not an address"), ("email_verified", "true")], false),
        ] {
            assert_eq!(verified_email(&attributes(pairs)).is_some(), found, "{pairs:?}");
        }
    }
}
