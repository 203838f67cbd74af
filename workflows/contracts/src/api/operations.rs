//! Every operation of the HTTP API: what it takes, what it answers, who may ask.
//! The OpenAPI document is generated from here, and tests hold the template's
//! routes and the functions' routers to it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use seisiun_domain::{
    CaseId, MemberId, PhotoId, SubmissionId,
    case::{Case, Edits},
    follow::FollowId,
    member::ProfileDraft,
    notice::NoticeDraft,
    withdrawal::{GroundDraft, WithdrawalDraft},
};

use super::{
    AnswerInquiry, AppealDraft, CaseView, Cases, ClaimHost, Confirm, Decide, Decided, Duplicates,
    EditSession, EraseMe, Escalate, ExportView, FindDuplicates, FindSessions, Follows,
    FoundSessions, Me, Nothing, OwnSubmissions, PageQuery, ProblemKind, PutFollow, RequestFollow,
    RequestUpload, ReviewPage, SessionView, SetDate, StopMails, SubmissionView, SubmitReview,
    SubmitSession, Submitted, UndoDate, Upload, WatchSubmission,
    auth::{
        Access, AddPasskey, AnswerPasskey, AnswerSignInCode, ChangePassword, ConfirmSignUp,
        PasskeyAsked, PasskeyOptions, Passkeys, RequestCode, ResetPassword, SignIn, SignInCodeSent,
        SignUp,
    },
};

/// Generates the schema of a type.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Anybody.
    Anybody,
    /// Our own pages: a header says so. Tokens come from here.
    OurPage,
    /// A member: the bearer of an access token.
    Member,
    /// A member of the group `moderators`.
    Moderator,
}

/// Operations that belong together: one heading of the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Finding and reading sessions.
    Sessions,
    /// Sending something in.
    Contributions,
    /// Changing what is listed.
    Changes,
    /// Hearing of what is new.
    Follows,
    /// One's own profile.
    Profile,
    /// Signing up, in and out.
    Account,
    /// Deciding on what was held.
    Moderation,
    /// The service itself.
    Service,
}

impl Group {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Sessions,
        Self::Contributions,
        Self::Changes,
        Self::Follows,
        Self::Profile,
        Self::Account,
        Self::Moderation,
        Self::Service,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sessions => "Sessions",
            Self::Contributions => "Contributions",
            Self::Changes => "Changes",
            Self::Follows => "Follows",
            Self::Profile => "Profile",
            Self::Account => "Account",
            Self::Moderation => "Moderation",
            Self::Service => "Service",
        }
    }

    /// What it is for.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Sessions => "Find sessions and read them. No account is needed.",
            Self::Contributions => {
                "Send sessions, reviews and photos, and see what became of them. What is sent is \
                 stored before it is answered; then a workflow checks it, which takes seconds, or \
                 days where a moderator has to look."
            }
            Self::Changes => {
                "Change a session that is listed. As of contributions: what is sent is stored \
                 before it is answered."
            }
            Self::Follows => "Hear by mail of what is new.",
            Self::Profile => "What we hold on you.",
            Self::Account => {
                "Sign up, in and out. For pages of the site: the refresh token stays in a cookie \
                 that no script can read. Nothing here tells whether an address has an account."
            }
            Self::Moderation => "Decide on what was held. For moderators.",
            Self::Service => "The service itself.",
        }
    }
}

/// What an answer carries.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// Nothing.
    Nothing,
    /// JSON of this schema.
    Json(SchemaOf),
    /// A page for people.
    Html,
    /// JSON whose schema is elsewhere.
    AnyJson,
    /// A photo.
    Jpeg,
}

/// One answer of an operation that went well.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// When it comes.
    pub about: &'static str,
    /// What it carries.
    pub content: Content,
}

/// A parameter in the path.
#[derive(Debug, Clone, Copy)]
pub struct PathParameter {
    /// As it stands in braces.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its form.
    pub schema: SchemaOf,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Upper case.
    pub method: &'static str,
    /// With parameters in braces.
    pub path: &'static str,
    /// Where it is documented.
    pub group: Group,
    /// Its name in a client, in camel case.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// More, if there is more to say.
    pub about: &'static str,
    /// Who may ask.
    pub asker: Asker,
    /// Whether the request carries an `Idempotency-Key`.
    pub idempotent_by_key: bool,
    /// Whether the answer carries an `ETag` and may be kept.
    pub cached: bool,
    /// Parameters in the path.
    pub in_path: Vec<PathParameter>,
    /// Parameters of the query: the properties of this type.
    pub query: Option<SchemaOf>,
    /// The body, JSON.
    pub body: Option<SchemaOf>,
    /// The body, as a page without script posts it.
    pub form: Option<SchemaOf>,
    /// Whether it does without the form, too.
    pub without_form: bool,
    /// Answers that went well.
    pub answers: Vec<Answer>,
    /// Problems of its own, beside those that follow from the above.
    pub own_problems: Vec<ProblemKind>,
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Operation {
    fn new(
        group: Group,
        asker: Asker,
        method: &'static str,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            group,
            id,
            summary,
            about: "",
            asker,
            idempotent_by_key: false,
            cached: false,
            in_path: Vec::new(),
            query: None,
            body: None,
            form: None,
            without_form: false,
            answers: Vec::new(),
            own_problems: Vec::new(),
        }
    }

    fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    fn with_key(mut self) -> Self {
        self.idempotent_by_key = true;
        self
    }

    fn cached(mut self) -> Self {
        self.cached = true;
        self
    }

    fn at<T: JsonSchema>(mut self, name: &'static str, about: &'static str) -> Self {
        self.in_path.push(PathParameter { name, about, schema: schema::<T> });
        self
    }

    fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(schema::<T>);
        self
    }

    fn body<T: JsonSchema>(mut self) -> Self {
        self.body = Some(schema::<T>);
        self
    }

    fn form<T: JsonSchema>(mut self) -> Self {
        self.form = Some(schema::<T>);
        self
    }

    fn form_or_nothing<T: JsonSchema>(self) -> Self {
        Self { without_form: true, ..self.form::<T>() }
    }

    fn answers<T: JsonSchema>(self, status: u16, about: &'static str) -> Self {
        self.answer(status, about, Content::Json(schema::<T>))
    }

    fn answer(mut self, status: u16, about: &'static str, content: Content) -> Self {
        self.answers.push(Answer { status, about, content });
        self
    }

    fn or(mut self, problem: ProblemKind) -> Self {
        self.own_problems.push(problem);
        self
    }

    /// Whether a request for this path is for this operation, but for its method.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        let (mut asked, mut known) = (path.split('/'), self.path.split('/'));
        loop {
            match (asked.next(), known.next()) {
                (None, None) => return true,
                (Some(asked), Some(known)) if known.starts_with('{') => {
                    if asked.is_empty() {
                        return false;
                    }
                }
                (Some(asked), Some(known)) if asked == known => {}
                _ => return false,
            }
        }
    }

    /// Every kind of problem it may answer with, by status.
    #[must_use]
    pub fn problems(&self) -> Vec<ProblemKind> {
        use ProblemKind as P;
        let mut problems = self.own_problems.clone();
        match self.asker {
            Asker::Anybody => {}
            Asker::OurPage => problems.extend([P::AuthHeader, P::ForeignOrigin, P::SlowDown]),
            Asker::Member => problems.extend([P::Unauthorised, P::Unverified]),
            Asker::Moderator => problems.extend([P::Unauthorised, P::Forbidden]),
        }
        if self.query.is_some() {
            problems.extend([P::BadQuery, P::InvalidContent]);
        }
        if self.body.is_some() {
            problems.extend([P::BadJson, P::TooLarge, P::UnsupportedMediaType, P::InvalidContent]);
        }
        if self.form.is_some() {
            problems.extend([
                P::BadRequest,
                P::TooLarge,
                P::UnsupportedMediaType,
                P::InvalidContent,
            ]);
        }
        if self.idempotent_by_key {
            problems.extend([P::IdempotencyKey, P::IdempotencyKeyReused]);
        }
        if !self.in_path.is_empty() {
            problems.extend([P::BadRequest, P::NotFound]);
        }
        problems.extend([P::OurMistake, P::TryAgain]);
        problems.sort_unstable();
        problems.dedup();
        problems
    }
}

/// A slug or an id.
struct SlugOrId;

impl JsonSchema for SlugOrId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SlugOrId".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$" })
    }
}

/// An unsubscribe token.
struct Token;

impl JsonSchema for Token {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Token".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9]{1,128}$" })
    }
}

/// What the sealed link of a mail carries.
struct SealedRequest;

impl JsonSchema for SealedRequest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SealedRequest".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,2048}$" })
    }
}

/// All operations, group by group.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let mut all = sessions();
    all.extend(contributions());
    all.extend(changes());
    all.extend(follows());
    all.extend(profile());
    all.extend(account());
    all.extend(moderation());
    all.extend(service());
    all
}

fn sessions() -> Vec<Operation> {
    let new = |method, path, id, summary| {
        Operation::new(Group::Sessions, Asker::Anybody, method, path, id, summary)
    };
    vec![
        new("GET", "/api/sessions", "findSessions", "Find sessions")
            .about(
                "Near a point (`lat`, `lon`, `radius_km`) or of a county (`country`, `county`). \
                 The same answer can be worked out from the published lists under `/data/`. What \
                 does not fit one answer comes page by page: hand back `next` as `cursor`.",
            )
            .query::<FindSessions>()
            .answers::<FoundSessions>(200, "What was found")
            .or(ProblemKind::BadCursor)
            .cached(),
        new("GET", "/api/sessions/{slug}", "readSession", "Read a session")
            .at::<SlugOrId>("slug", "The last part of the address of its page, or its id")
            .answers::<SessionView>(200, "The session with its next dates, photos and reviews")
            .answer(308, "It was merged into another one", Content::Nothing)
            .or(ProblemKind::Gone)
            .cached(),
        new("GET", "/api/sessions/{slug}/reviews", "listReviews", "Read a session's reviews")
            .about("Page by page: hand back `next`, or the session's `next_reviews`, as `cursor`.")
            .at::<SlugOrId>("slug", "The last part of the address of its page, or its id")
            .query::<PageQuery>()
            .answers::<ReviewPage>(200, "A page of them")
            .or(ProblemKind::BadCursor)
            .or(ProblemKind::Gone)
            .cached(),
        new("GET", "/api/duplicates", "findDuplicates", "See whether a session is listed already")
            .about(
                "Answers the listed sessions that a new one of this name, here, would be refused \
                 for as a duplicate. To ask before one writes the rest.",
            )
            .query::<FindDuplicates>()
            .answers::<Duplicates>(200, "What is listed already; nothing if it is new")
            .cached(),
    ]
}

fn contributions() -> Vec<Operation> {
    let new = |method, path, id, summary| {
        Operation::new(Group::Contributions, Asker::Member, method, path, id, summary)
    };
    let accepted = "Stored; its workflow has begun or will";
    let replayed = "The same request came before and became this";
    vec![
        new("POST", "/api/photos", "requestUpload", "Ask for an upload form")
            .about(
                "Post the form's fields in order, then the file as `file`, to its address. A \
                 repeated request is answered with the same photo's id and a fresh form.",
            )
            .with_key()
            .body::<RequestUpload>()
            .answers::<Upload>(200, "The form")
            .or(ProblemKind::SwitchedOff),
        new("POST", "/api/sessions", "submitSession", "Send a session")
            .with_key()
            .body::<SubmitSession>()
            .answers::<Submitted>(202, accepted)
            .answers::<Submitted>(200, replayed),
        new("POST", "/api/reviews", "submitReview", "Send a review")
            .with_key()
            .body::<SubmitReview>()
            .answers::<Submitted>(202, accepted)
            .answers::<Submitted>(200, replayed),
        new("GET", "/api/submissions/{id}", "readSubmission", "See what became of what was sent")
            .about(
                "With `wait_seconds` the answer comes as soon as the state is another than \
                 `unless`, else after the wait with the present one: ask again then. A connection \
                 that is open longer than thirty seconds is cut by the gateway.",
            )
            .at::<SubmissionId>("id", "From the answer to the submission")
            .query::<WatchSubmission>()
            .answers::<SubmissionView>(200, "Where it stands"),
        new("GET", "/api/submissions", "listSubmissions", "List what one has sent")
            .about("Page by page, the newest first: hand back `next` as `cursor`.")
            .query::<PageQuery>()
            .answers::<OwnSubmissions>(200, "A page of them")
            .or(ProblemKind::BadCursor),
        new("POST", "/api/submissions/{id}/withdrawal", "withdraw", "Take back what one sent")
            .about(
                "A session leaves every page and list, a review or a photo its session, a host \
                 the session's hosts; what waits for a moderator is published by none. One photo \
                 can go alone. A date is put back, and a fact changed back, by another change.",
            )
            .with_key()
            .at::<SubmissionId>("id", "From the answer to the submission")
            .body::<WithdrawalDraft>()
            .answers::<Submitted>(202, accepted)
            .answers::<Submitted>(200, replayed)
            .or(ProblemKind::Conflict),
        new("PUT", "/api/submissions/{id}/appeal", "appeal", "Ask for another look")
            .about(
                "At what was not published, within half a year, once. A moderator who had no part \
                 in the decision decides; what they decide is mailed.",
            )
            .at::<SubmissionId>("id", "From the answer to the submission")
            .body::<AppealDraft>()
            .answer(204, "Somebody else will look, or has", Content::Nothing)
            .or(ProblemKind::Conflict),
        Operation::new(
            Group::Contributions,
            Asker::Anybody,
            "GET",
            "/api/appeals/{token}",
            "showAppeal",
            "The page behind the link of a decision's mail",
        )
        .about("Shows a page and acts on nothing, since mail scanners follow links.")
        .at::<SealedRequest>("token", "From the mail")
        .answer(200, "A page with a field and a button", Content::Html)
        .answer(410, "A page that says that the link is no longer good", Content::Html),
        Operation::new(
            Group::Contributions,
            Asker::Anybody,
            "POST",
            "/api/appeals/{token}",
            "appealByLink",
            "Ask for another look without signing in",
        )
        .about("Needs no cookie and no sign-in. The same words twice do no harm.")
        .at::<SealedRequest>("token", "From the mail")
        .form::<AppealDraft>()
        .answer(200, "A page that says that somebody else will look", Content::Html)
        .answer(409, "A page that says why not: asked before, or decided anew", Content::Html)
        .answer(410, "A page that says that it is too late, or the link no good", Content::Html)
        .answer(422, "The page again, with what is wrong with the words", Content::Html),
        Operation::new(
            Group::Contributions,
            Asker::Anybody,
            "POST",
            "/api/notices",
            "sendNotice",
            "Tell us of content that should not be there",
        )
        .about(
            "A notice as the Digital Services Act has it (Art. 16); no account is needed. We \
             acknowledge it by mail, a moderator decides, and we mail what was decided and why. \
             From one address we take ten a day.",
        )
        .with_key()
        .body::<NoticeDraft>()
        .answers::<Submitted>(202, accepted)
        .answers::<Submitted>(200, replayed)
        .or(ProblemKind::SlowDown),
    ]
}

fn changes() -> Vec<Operation> {
    let new = |path, id, summary| {
        Operation::new(Group::Changes, Asker::Member, "POST", path, id, summary)
            .with_key()
            .at::<SlugOrId>("slug", "The last part of the address of its page, or its id")
            .answers::<Submitted>(202, "Stored; its workflow has begun or will")
            .answers::<Submitted>(200, "The same request came before and became this")
            .or(ProblemKind::Gone)
    };
    vec![
        new("/api/sessions/{slug}/edits", "editSession", "Change facts, add photos")
            .about(
                "Public at once where its hosts, its submitter or a trusted member send it; a \
                 moderator looks at what others change. Refused where somebody changed the same \
                 facts in between.",
            )
            .body::<EditSession>(),
        new("/api/sessions/{slug}/dates", "setDate", "Say that one date differs")
            .about(
                "Cancelled, moved, at another time, or an extra one: by its hosts, its submitter \
                 and trusted members. Who follows the session is told.",
            )
            .body::<SetDate>()
            .or(ProblemKind::Forbidden),
        new("/api/sessions/{slug}/dates/undo", "undoDate", "Put a date back")
            .about("The date is as its schedule has it. Who follows the session is told.")
            .body::<UndoDate>()
            .or(ProblemKind::Forbidden),
        new("/api/sessions/{slug}/confirmations", "confirmSession", "Say what one found there")
            .about("That it was on keeps it fresh. The latest of each member counts.")
            .body::<Confirm>(),
        new("/api/sessions/{slug}/hosts", "claimHost", "Say that one hosts it")
            .about("A moderator decides. A claim is given up by withdrawing it.")
            .body::<ClaimHost>(),
        Operation::new(
            Group::Changes,
            Asker::Anybody,
            "GET",
            "/api/still-on/{token}",
            "showInquiry",
            "The page behind the link that asks whether a session is still on",
        )
        .about("Shows a page and acts on nothing, since mail scanners follow links.")
        .at::<SealedRequest>("token", "From the mail")
        .answer(200, "A page with two buttons", Content::Html)
        .answer(410, "A page that says that there is nothing left to say", Content::Html),
        Operation::new(
            Group::Changes,
            Asker::Anybody,
            "POST",
            "/api/still-on/{token}",
            "answerInquiry",
            "Say whether a session is still on without signing in",
        )
        .about(
            "Needs no cookie and no sign-in; who was asked is known by the link. The same answer \
             twice does no harm.",
        )
        .at::<SealedRequest>("token", "From the mail")
        .form::<AnswerInquiry>()
        .answer(200, "A page that thanks", Content::Html)
        .answer(409, "A page that says that it was answered otherwise before", Content::Html)
        .answer(410, "A page that says that there is nothing left to say", Content::Html),
    ]
}

fn follows() -> Vec<Operation> {
    vec![
        Operation::new(
            Group::Follows,
            Asker::Member,
            "PUT",
            "/api/follows",
            "follow",
            "Follow a session, a member, a county or a circle",
        )
        .about(
            "To follow the same again changes nothing. Another circle is another follow: end the \
             one that it replaces. A member has at most 200.",
        )
        .body::<PutFollow>()
        .answer(204, "Followed", Content::Nothing),
        Operation::new(
            Group::Follows,
            Asker::Member,
            "GET",
            "/api/follows",
            "listFollows",
            "List what one follows",
        )
        .answers::<Follows>(200, "All of it"),
        Operation::new(
            Group::Follows,
            Asker::Member,
            "DELETE",
            "/api/follows/{id}",
            "endFollow",
            "No longer follow something",
        )
        .about("One that has ended, or never was, stays so.")
        .at::<FollowId>("id", "From the list")
        .answer(204, "No longer followed", Content::Nothing),
        Operation::new(
            Group::Follows,
            Asker::Anybody,
            "POST",
            "/api/follow-requests",
            "requestFollow",
            "Follow without an account",
        )
        .about(
            "Mails a link to the address, good for seven days; nothing is stored before its owner \
             has confirmed. The same request mails once a day, different ones three times. The \
             answer is the same whether a mail was sent or not.",
        )
        .body::<RequestFollow>()
        .answer(
            202,
            "If mail may go to this address, it has one to confirm",
            Content::Nothing,
        ),
        Operation::new(
            Group::Follows,
            Asker::Anybody,
            "GET",
            "/api/confirm/{token}",
            "showConfirm",
            "The page behind the link that confirms a follow",
        )
        .about("Shows a page and acts on nothing, since mail scanners follow links.")
        .at::<SealedRequest>("token", "From the mail")
        .answer(200, "A page with one button", Content::Html)
        .answer(410, "A page that says that the link is no longer good", Content::Html),
        Operation::new(
            Group::Follows,
            Asker::Anybody,
            "POST",
            "/api/confirm/{token}",
            "confirmFollow",
            "Confirm a follow",
        )
        .about("Needs no cookie and no sign-in. Doing it twice does no harm.")
        .at::<SealedRequest>("token", "From the mail")
        .answer(200, "Done, or done before", Content::Html)
        .answer(410, "A page that says that the link is no longer good", Content::Html)
        .or(ProblemKind::InvalidContent),
        Operation::new(
            Group::Follows,
            Asker::Anybody,
            "GET",
            "/api/unsubscribe/{token}",
            "showUnsubscribe",
            "The page behind a mail's unsubscribe link",
        )
        .about("Shows what can be stopped and acts on nothing, since mail scanners follow links.")
        .at::<Token>("token", "From the mail")
        .answer(200, "A page with a button for each", Content::Html),
        Operation::new(
            Group::Follows,
            Asker::Anybody,
            "POST",
            "/api/unsubscribe/{token}",
            "unsubscribe",
            "Stop these mails (RFC 8058)",
        )
        .about(
            "Needs no cookie and no sign-in. Stops what the mail was about, another follow or \
             all of them. Doing it twice does no harm.",
        )
        .at::<Token>("token", "From the mail")
        .form_or_nothing::<StopMails>()
        .answer(200, "Done, or done before", Content::Html),
    ]
}

fn profile() -> Vec<Operation> {
    vec![
        Operation::new(
            Group::Profile,
            Asker::Member,
            "GET",
            "/api/me",
            "readProfile",
            "Read one's profile",
        )
        .about("The first authorised call of an account makes its profile.")
        .answers::<Me>(200, "The profile"),
        Operation::new(
            Group::Profile,
            Asker::Member,
            "PUT",
            "/api/me",
            "writeProfile",
            "Write one's profile",
        )
        .body::<ProfileDraft>()
        .answers::<Me>(200, "The profile as it is now"),
        Operation::new(
            Group::Profile,
            Asker::Member,
            "PUT",
            "/api/blocks/{member}",
            "blockMember",
            "Hear no more of a member's sessions",
        )
        .at::<MemberId>("member", "From a session's `added_by`")
        .answer(204, "Blocked", Content::Nothing)
        .or(ProblemKind::InvalidContent),
        Operation::new(
            Group::Profile,
            Asker::Member,
            "DELETE",
            "/api/blocks/{member}",
            "unblockMember",
            "Hear of a member's sessions again",
        )
        .at::<MemberId>("member", "From the profile's `blocked`")
        .answer(204, "Not blocked", Content::Nothing),
        Operation::new(
            Group::Profile,
            Asker::Member,
            "POST",
            "/api/me/exports",
            "exportMe",
            "Ask for everything that is held on one",
        )
        .about("A mail says when it is ready; it is kept for seven days.")
        .with_key()
        .body::<Nothing>()
        .answers::<Submitted>(202, "Stored; its workflow has begun or will")
        .answers::<Submitted>(200, "The same request came before and became this"),
        Operation::new(
            Group::Profile,
            Asker::Member,
            "GET",
            "/api/me/exports/{id}",
            "readExport",
            "Fetch what was asked for",
        )
        .about("`seisiun.json` holds all there is in writing; the photos are beside it.")
        .at::<SubmissionId>("id", "From the answer to the request")
        .answers::<ExportView>(200, "Links to its archives, once it is ready"),
        Operation::new(
            Group::Profile,
            Asker::Member,
            "POST",
            "/api/me/erasure",
            "eraseMe",
            "Erase one's account and all that is personal",
        )
        .about(
            "At once and for good: profile, follows, reviews, photos and the account itself. The \
             sessions that one listed stay, without the person.",
        )
        .with_key()
        .body::<EraseMe>()
        .answers::<Submitted>(202, "Stored; its workflow has begun or will")
        .answers::<Submitted>(200, "The same request came before and became this"),
    ]
}

fn account() -> Vec<Operation> {
    use ProblemKind as P;
    let new = |path, id, summary| {
        Operation::new(Group::Account, Asker::OurPage, "POST", path, id, summary)
    };
    let sent = "Whether the address has an account or not";
    let signed_in = "Signed in; the refresh token is in a cookie";
    vec![
        new("/api/auth/sign-up", "signUp", "Make an account").body::<SignUp>().answer(
            202,
            sent,
            Content::Nothing,
        ),
        new("/api/auth/confirm", "confirmSignUp", "Confirm an account by the code of the mail")
            .body::<ConfirmSignUp>()
            .answer(204, "Confirmed", Content::Nothing)
            .or(P::BadCode),
        new("/api/auth/resend-code", "resendCode", "Ask for another code")
            .body::<RequestCode>()
            .answer(202, sent, Content::Nothing),
        new("/api/auth/sign-in", "signIn", "Sign in by password")
            .body::<SignIn>()
            .answers::<Access>(200, signed_in)
            .or(P::NotSignedIn)
            .or(P::SignInStep),
        new("/api/auth/sign-in/code", "sendSignInCode", "Ask for a code to sign in with")
            .body::<RequestCode>()
            .answers::<SignInCodeSent>(202, sent)
            .or(P::NotOffered),
        new("/api/auth/sign-in/code/answer", "signInByCode", "Sign in by code")
            .body::<AnswerSignInCode>()
            .answers::<Access>(200, signed_in)
            .or(P::NotSignedIn)
            .or(P::SignInStep)
            .or(P::NotOffered),
        new("/api/auth/sign-in/passkey", "sendPasskeyChallenge", "Ask for what a passkey signs")
            .body::<RequestCode>()
            .answers::<PasskeyAsked>(202, "Whether the address has a passkey or not")
            .or(P::NotOffered),
        new("/api/auth/sign-in/passkey/answer", "signInByPasskey", "Sign in by passkey")
            .body::<AnswerPasskey>()
            .answers::<Access>(200, signed_in)
            .or(P::NotSignedIn)
            .or(P::SignInStep)
            .or(P::NotOffered),
        new("/api/auth/passkeys/options", "startPasskey", "Ask for what makes a passkey")
            .about("With the access token as bearer.")
            .answers::<PasskeyOptions>(200, "For the browser")
            .or(P::Unauthorised)
            .or(P::NotOffered),
        new("/api/auth/passkeys", "addPasskey", "Add a passkey that was made")
            .about("With the access token as bearer.")
            .body::<AddPasskey>()
            .answer(204, "Added", Content::Nothing)
            .or(P::Unauthorised)
            .or(P::BadPasskey)
            .or(P::NotOffered),
        Operation::new(
            Group::Account,
            Asker::OurPage,
            "GET",
            "/api/auth/passkeys",
            "listPasskeys",
            "List one's passkeys",
        )
        .about("With the access token as bearer.")
        .answers::<Passkeys>(200, "All of them")
        .or(P::Unauthorised)
        .or(P::NotOffered),
        Operation::new(
            Group::Account,
            Asker::OurPage,
            "DELETE",
            "/api/auth/passkeys/{id}",
            "removePasskey",
            "Remove a passkey",
        )
        .about("With the access token as bearer.")
        .at::<String>("id", "From the list")
        .answer(204, "Removed, or not there before", Content::Nothing)
        .or(P::Unauthorised)
        .or(P::NotOffered),
        new("/api/auth/refresh", "refresh", "Get a fresh access token for the cookie")
            .answers::<Access>(200, "A fresh access token; the cookie is renewed")
            .or(P::SignedOut),
        new("/api/auth/sign-out", "signOut", "Sign out").answer(
            204,
            "Signed out, or not signed in before",
            Content::Nothing,
        ),
        new("/api/auth/forgot-password", "forgotPassword", "Ask for a code to set a password with")
            .body::<RequestCode>()
            .answer(202, sent, Content::Nothing),
        new("/api/auth/reset-password", "resetPassword", "Set a new password by code")
            .about("Signs out everywhere.")
            .body::<ResetPassword>()
            .answer(204, "Set", Content::Nothing)
            .or(P::BadCode),
        new("/api/auth/change-password", "changePassword", "Change the password")
            .about("With the access token as bearer. Signs out everywhere.")
            .body::<ChangePassword>()
            .answer(204, "Changed", Content::Nothing)
            .or(P::Unauthorised)
            .or(P::NotChanged),
    ]
}

fn moderation() -> Vec<Operation> {
    let new = |method, path, id, summary| {
        Operation::new(Group::Moderation, Asker::Moderator, method, path, id, summary)
    };
    vec![
        new("GET", "/api/moderation/cases", "listCases", "List undecided cases, oldest first")
            .about("Page by page: hand back `next` as `cursor`.")
            .query::<PageQuery>()
            .answers::<Cases>(200, "A page of them")
            .or(ProblemKind::BadCursor),
        new("GET", "/api/moderation/cases/{id}", "readCase", "Read a case and what it is about")
            .about(
                "What was sent, as it was sent, with what was found in each of its photos. Of a \
                 notice: the notice, without who sent it.",
            )
            .at::<CaseId>("id", "From the list")
            .answers::<CaseView>(200, "The case"),
        new(
            "GET",
            "/api/moderation/cases/{id}/photos/{photo}",
            "readHeldPhoto",
            "See a photo that waits for a decision",
        )
        .about("The very bytes that an approval would publish. Nothing of it may be kept.")
        .at::<CaseId>("id", "From the list")
        .at::<PhotoId>("photo", "From the case")
        .answer(200, "The photo", Content::Jpeg),
        new("PUT", "/api/moderation/cases/{id}/claim", "claimCase", "Have a case to oneself")
            .about(
                "For ten minutes, in which nobody else can claim or decide it. Claiming again \
                 extends it.",
            )
            .at::<CaseId>("id", "From the list")
            .answers::<Case>(200, "The case, claimed")
            .or(ProblemKind::Decided)
            .or(ProblemKind::Claimed)
            .or(ProblemKind::Conflict),
        new("DELETE", "/api/moderation/cases/{id}/claim", "releaseCase", "Give a case up")
            .about("Not to have had it does no harm.")
            .at::<CaseId>("id", "From the list")
            .answers::<Case>(200, "The case, nobody's")
            .or(ProblemKind::Decided)
            .or(ProblemKind::Claimed)
            .or(ProblemKind::Conflict),
        new(
            "PUT",
            "/api/moderation/cases/{id}/escalation",
            "escalateCase",
            "Leave a case to another moderator",
        )
        .about("Once; whoever does it may not decide the case any more.")
        .at::<CaseId>("id", "From the list")
        .body::<Escalate>()
        .answers::<Case>(200, "The case, passed on")
        .or(ProblemKind::Decided)
        .or(ProblemKind::Claimed)
        .or(ProblemKind::Conflict),
        new(
            "PUT",
            "/api/moderation/cases/{id}/edits",
            "editCase",
            "Put a session's words right before it is published",
        )
        .about(
            "Its name, description and links, and nothing else; approved after that, it is \
             published so, and its sender told what was put right. The latest edits stand for \
             all: none take back those before.",
        )
        .at::<CaseId>("id", "From the list")
        .body::<Edits>()
        .answers::<Case>(200, "The case, with what is put right")
        .or(ProblemKind::Decided)
        .or(ProblemKind::Claimed)
        .or(ProblemKind::Conflict),
        new("POST", "/api/moderation/cases/{id}/decision", "decideCase", "Decide a case")
            .about(
                "The first decision stands. Nobody decides on their own, on an appeal against \
                 their own decision, or on what somebody else has claimed.",
            )
            .with_key()
            .at::<CaseId>("id", "From the list")
            .body::<Decide>()
            .answers::<Decided>(200, "What stands")
            .or(ProblemKind::Decided)
            .or(ProblemKind::Claimed)
            .or(ProblemKind::CaseMoved),
        new(
            "POST",
            "/api/moderation/submissions/{id}/withdrawal",
            "takeDown",
            "Take down what was published",
        )
        .about(
            "Its submitter is told with a statement of reasons. A duplicate can send its readers \
             to the session that stays. One photo can go alone.",
        )
        .with_key()
        .at::<SubmissionId>("id", "The submission that brought it; a session's has its id")
        .body::<GroundDraft>()
        .answers::<Submitted>(202, "Stored; its workflow has begun or will")
        .answers::<Submitted>(200, "The same request came before and became this")
        .or(ProblemKind::Conflict),
    ]
}

fn service() -> Vec<Operation> {
    let new = |path, id, summary| {
        Operation::new(Group::Service, Asker::Anybody, "GET", path, id, summary)
    };
    vec![
        new("/api/health", "health", "Whether the API answers").answer(
            200,
            "It does",
            Content::AnyJson,
        ),
        new("/api/openapi.json", "openapi", "This document")
            .answer(200, "OpenAPI 3.1", Content::AnyJson)
            .cached(),
        new("/api/docs", "docs", "The API in words").answer(200, "A page", Content::Html).cached(),
    ]
}
