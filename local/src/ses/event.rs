//! What SES tells of a mail, and the form in which EventBridge hands it on.
//!
//! What of it is told at all, and when, is the outbox's.

use std::fmt;

use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};
use mailparse::{MailAddr, MailHeader, MailHeaderMap as _, SingleInfo};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use ulid::Ulid;

use super::MESSAGE_ID_DOMAIN;
use super::store::StoredMail;

/// Where SES has mailboxes that answer as their names say.
const SIMULATOR_DOMAIN: &str = "simulator.amazonses.com";

/// Bytes of headers that an event repeats; SES leaves out the rest.
const HEADER_BYTES_MAX: usize = 10 * 1024;

/// How long delivery is tried, as `MaxDeliverySeconds` in `ops/mail.yaml` says.
const DELIVERY_SECONDS_MAX: i64 = 14_400;

/// Whom SES took a mail from. On AWS this names the function's role.
const CALLER: &str = "local";

/// Where callers are.
const CALLER_IP: &str = "127.0.0.1";

/// SES's own address and the receiver's: of those that are nobody's (RFC 5737).
const OUTGOING_IP: &str = "192.0.2.1";
const RECEIVER_IP: &str = "192.0.2.2";

/// The kinds of events that a configuration set's destination may take, as far as
/// they are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// SES accepted the mail.
    Send,
    /// The receiver's server accepted it.
    Delivery,
    /// It was given up, or was not to be sent to this address at all.
    Bounce,
    /// Its reader called it spam.
    Complaint,
    /// The receiver's server does not take it for now.
    DeliveryDelay,
}

impl EventKind {
    /// What EventBridge calls it, and SES in `eventType`, and the member of the
    /// detail that says more.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Send => ("Email Sent", "Send", "send"),
            Self::Delivery => ("Email Delivered", "Delivery", "delivery"),
            Self::Bounce => ("Email Bounced", "Bounce", "bounce"),
            Self::Complaint => ("Email Complaint Received", "Complaint", "complaint"),
            Self::DeliveryDelay => ("Email Delivery Delayed", "DeliveryDelay", "deliveryDelay"),
        }
    }
}

/// What can become of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// It is accepted.
    Send,
    /// It is delivered.
    Delivery,
    /// There is no such mailbox.
    Bounce,
    /// The mailbox was full for as long as it was tried.
    SoftBounce,
    /// SES itself sends nothing to this address, because of earlier bounces.
    Suppressed,
    /// Its reader calls it spam.
    Complaint,
    /// It is not taken for now.
    DeliveryDelay,
}

impl Happening {
    /// The kind of event that tells of it.
    #[must_use]
    pub fn kind(self) -> EventKind {
        match self {
            Self::Send => EventKind::Send,
            Self::Delivery => EventKind::Delivery,
            Self::Bounce | Self::SoftBounce | Self::Suppressed => EventKind::Bounce,
            Self::Complaint => EventKind::Complaint,
            Self::DeliveryDelay => EventKind::DeliveryDelay,
        }
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Send => "sent",
            Self::Delivery => "delivered",
            Self::Bounce => "bounced",
            Self::SoftBounce => "bounced for now",
            Self::Suppressed => "suppressed",
            Self::Complaint => "complained of",
            Self::DeliveryDelay => "delayed",
        })
    }
}

/// Something that became of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailEvent {
    /// The event's id, a UUID. It stays the same if the event comes twice.
    pub id: String,
    /// What happened.
    pub event: Happening,
    /// Which recipients it is about.
    pub to: Vec<String>,
    /// When it happened.
    pub at: Timestamp,
}

impl MailEvent {
    pub(super) fn new(event: Happening, to: Vec<String>, at: Timestamp) -> Self {
        Self { id: new_id(), event, to, at }
    }
}

/// A random UUID.
fn new_id() -> String {
    // Version 4 of variant 1, whatever an ULID has in these places.
    let bits = Ulid::generate().0 & !(0xf << 76) & !(0b11 << 62) | 0x4 << 76 | 0b10 << 62;
    let group = |shift: u32| bits >> shift & 0xffff;
    let (first, last) = (bits >> 96, bits & 0xffff_ffff_ffff);
    format!("{first:08x}-{:04x}-{:04x}-{:04x}-{last:012x}", group(80), group(64), group(48))
}

/// What becomes of a mail that SES accepted, in its order: that it was sent, then
/// for each recipient what the simulator's address says, or that it was delivered.
pub(super) fn of_mail(destinations: &[String], received_at: Timestamp) -> Vec<MailEvent> {
    let mut events = vec![MailEvent::new(Happening::Send, destinations.to_vec(), received_at)];
    let mut at = received_at;
    for to in destinations {
        for happening in outcomes(to) {
            // Each a little later, so that their times have their order, too.
            at = at.checked_add(SignedDuration::from_millis(1)).unwrap_or(at);
            events.push(MailEvent::new(*happening, vec![to.clone()], at));
        }
    }
    events
}

/// What becomes of a mail to this address after it was sent.
fn outcomes(address: &str) -> &'static [Happening] {
    let delivered = &[Happening::Delivery];
    let Some((local, domain)) = address.rsplit_once('@') else { return delivered };
    if !domain.eq_ignore_ascii_case(SIMULATOR_DOMAIN) {
        return delivered;
    }
    // A label tells mails to one simulated mailbox apart.
    let mailbox = local.split('+').next().unwrap_or_default().to_ascii_lowercase();
    match mailbox.as_str() {
        "bounce" => &[Happening::Bounce],
        "complaint" => &[Happening::Delivery, Happening::Complaint],
        "suppressionlist" => &[Happening::Suppressed],
        // The answer of somebody who is out of office goes to the sender's mailbox.
        _ => delivered,
    }
}

/// Where SES stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
}

impl Place<'_> {
    fn arn(&self, of: &str, name: &str) -> String {
        format!("arn:aws:ses:{}:{}:{of}/{name}", self.region, self.account)
    }
}

/// An event as EventBridge puts it into a queue. `raw` is the mail as it was
/// submitted.
pub(super) fn in_envelope(
    place: Place<'_>,
    mail: &StoredMail,
    raw: &[u8],
    event: &MailEvent,
) -> Value {
    let (detail_type, event_type, member) = event.event.kind().names();
    let set = mail.configuration_set.as_deref().unwrap_or_default();
    let mut detail = Map::new();
    detail.insert("eventType".to_owned(), event_type.into());
    detail.insert("mail".to_owned(), about_mail(place, mail, raw, event.event));
    detail.insert(member.to_owned(), about_event(mail, event));
    json!({
        "version": "0",
        "id": event.id,
        "detail-type": detail_type,
        "source": "aws.ses",
        "account": place.account,
        "time": event.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": place.region,
        "resources": [place.arn("configuration-set", set)],
        "detail": detail,
    })
}

/// As SES writes times: to the millisecond.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn about_mail(place: Place<'_>, mail: &StoredMail, raw: &[u8], happening: Happening) -> Value {
    let domain = mail.source.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
    let mut tags = Map::new();
    let mut tag = |name: &str, value: &str| tags.insert(name.to_owned(), json!([value]));
    tag("ses:configuration-set", mail.configuration_set.as_deref().unwrap_or_default());
    tag("ses:source-ip", CALLER_IP);
    tag("ses:from-domain", domain);
    tag("ses:caller-identity", CALLER);
    if happening == Happening::Delivery {
        tag("ses:outgoing-ip", OUTGOING_IP);
    }
    for (name, value) in &mail.tags {
        tag(name, value);
    }
    // It was read when it was accepted, so it can be read.
    let headers = mailparse::parse_headers(raw).map(|(headers, _)| headers).unwrap_or_default();
    let mut bytes = 0;
    let told = headers.iter().take_while(|header| {
        bytes += header.get_key_raw().len() + header.get_value_raw().len();
        bytes <= HEADER_BYTES_MAX
    });
    let told: Vec<&MailHeader<'_>> = told.collect();
    let listed: Vec<Value> = told
        .iter()
        .map(|header| json!({ "name": header.get_key(), "value": as_submitted(header) }))
        .collect();
    json!({
        "timestamp": time(mail.received_at),
        "source": mail.source,
        "sourceArn": place.arn("identity", domain),
        "sendingAccountId": place.account,
        "messageId": mail.id,
        "destination": mail.destinations,
        "headersTruncated": told.len() < headers.len(),
        "headers": listed,
        "commonHeaders": common(headers.get(..told.len()).unwrap_or_default(), mail),
        "tags": tags,
    })
}

/// A header's value as it stands in the message, on one line.
fn as_submitted(header: &MailHeader<'_>) -> String {
    String::from_utf8_lossy(header.get_value_raw()).replace(['\r', '\n'], "")
}

/// Those headers that nearly every mail has, decoded.
fn common(headers: &[MailHeader<'_>], mail: &StoredMail) -> Map<String, Value> {
    let mut common = Map::new();
    let lists = [("From", "from"), ("Reply-To", "replyTo"), ("To", "to"), ("Cc", "cc")];
    for (header, name) in lists {
        let list = headers.get_first_header(header).map(mailparse::addrparse_header);
        if let Some(Ok(list)) = list {
            let list: Vec<String> = list.iter().flat_map(names).collect();
            common.insert(name.to_owned(), list.into());
        }
    }
    for (header, name) in [("Sender", "sender"), ("Date", "date"), ("Subject", "subject")] {
        if let Some(value) = headers.get_first_value(header) {
            common.insert(name.to_owned(), value.into());
        }
    }
    // Not the sender's own, which SES has replaced.
    common.insert("messageId".to_owned(), mail.id.clone().into());
    common
}

/// `Name <address>`, for each in a group.
fn names(address: &MailAddr) -> Vec<String> {
    let name = |single: &SingleInfo| match &single.display_name {
        Some(name) => format!("{name} <{}>", single.addr),
        None => single.addr.clone(),
    };
    match address {
        MailAddr::Single(single) => vec![name(single)],
        MailAddr::Group(group) => group.addrs.iter().map(name).collect(),
    }
}

fn about_event(mail: &StoredMail, event: &MailEvent) -> Value {
    let at = time(event.at);
    let mta = format!("mta.{MESSAGE_ID_DOMAIN}");
    let feedback_id = format!("{}-000000", event.id);
    let recipients = |more: Value| -> Vec<Value> {
        let each = event.to.iter().map(|to| {
            let mut recipient = Map::new();
            recipient.insert("emailAddress".to_owned(), to.as_str().into());
            recipient.extend(more.as_object().cloned().unwrap_or_default());
            recipient.into()
        });
        each.collect()
    };
    let bounce = |kind: &str, sub_kind: &str, status: &str, why: &str, by: String| {
        json!({
            "bounceType": kind,
            "bounceSubType": sub_kind,
            "bouncedRecipients": recipients(
                json!({ "action": "failed", "status": status, "diagnosticCode": why }),
            ),
            "timestamp": at,
            "feedbackId": feedback_id,
            "reportingMTA": by,
        })
    };
    match event.event {
        Happening::Send => json!({}),
        Happening::Delivery => json!({
            "timestamp": at,
            "processingTimeMillis": event.at.duration_since(mail.received_at).as_millis() as i64,
            "recipients": event.to,
            "smtpResponse": "250 2.6.0 Message received",
            "remoteMtaIp": RECEIVER_IP,
            "reportingMTA": mta,
        }),
        Happening::Bounce => {
            let why = "smtp; 550 5.1.1 user unknown";
            bounce("Permanent", "General", "5.1.1", why, format!("dsn; {mta}"))
        }
        Happening::SoftBounce => {
            let why = "smtp; 452 4.2.2 mailbox full";
            bounce("Transient", "MailboxFull", "4.2.2", why, format!("dsn; {mta}"))
        }
        Happening::Suppressed => {
            let why = "Amazon SES has suppressed sending to this address because it has a recent \
                       history of bouncing as an invalid address.";
            bounce("Permanent", "Suppressed", "5.1.1", why, "dns; amazonses.com".to_owned())
        }
        Happening::Complaint => json!({
            "complainedRecipients": recipients(json!({})),
            "timestamp": at,
            "feedbackId": feedback_id,
            "complaintSubType": null,
            "userAgent": "Amazon SES Mailbox Simulator",
            "complaintFeedbackType": "abuse",
            "arrivalDate": at,
        }),
        Happening::DeliveryDelay => {
            let tried = SignedDuration::from_secs(DELIVERY_SECONDS_MAX);
            let expires = mail.received_at.checked_add(tried).unwrap_or(mail.received_at);
            let why = "smtp; 421 4.4.1 Unable to connect to remote host";
            json!({
                "timestamp": at,
                "delayType": "TransientCommunicationFailure",
                "expirationTime": time(expires),
                "delayedRecipients": recipients(json!({ "status": "4.4.1", "diagnosticCode": why })),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    const PLACE: Place<'_> = Place { account: "000000000000", region: "eu-west-1" };

    const RAW: &str = "From: =?utf-8?q?Seisi=C3=BAn?= <sessions@example.org>\r\n\
                       To: recipient@example.org\r\nSubject: A session\r\n near you\r\n\
                       MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nbody\r\n";

    fn mail(destinations: &[&str]) -> StoredMail {
        let received_at = "2029-01-02T03:04:05.678Z".parse().unwrap();
        let destinations: Vec<_> = destinations.iter().map(|&to| to.to_owned()).collect();
        StoredMail {
            id: "01MAIL".to_owned(),
            source: "sessions@example.org".to_owned(),
            from: vec!["sessions@example.org".to_owned()],
            events: of_mail(&destinations, received_at),
            destinations,
            received_at,
            tags: BTreeMap::new(),
            configuration_set: Some("seisiun-mail".to_owned()),
            subject: "A session near you".to_owned(),
            message_id: "<01MAIL@ses>".to_owned(),
            date: String::new(),
            bytes: RAW.len(),
            sha256: String::new(),
        }
    }

    /// Names of all members, with their places.
    fn shape(value: &Value, at: &str, into: &mut Vec<String>) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                for (name, member) in members {
                    shape(member, &format!("{at}.{name}"), into);
                }
            }
            Value::Array(items) => {
                items.iter().for_each(|item| shape(item, &format!("{at}[]"), into));
            }
            _ => into.push(at.to_owned()),
        }
    }

    /// What must be the same in any two events of one kind.
    fn says(event: &Value) -> Value {
        let detail = &event["detail"];
        json!([
            event["detail-type"],
            event["source"],
            detail["eventType"],
            detail["bounce"]["bounceType"],
            detail["bounce"]["bounceSubType"],
            detail["bounce"]["bouncedRecipients"][0]["action"],
            detail["bounce"]["bouncedRecipients"][0]["status"],
            detail["complaint"]["complaintFeedbackType"],
            detail["complaint"]["complaintSubType"],
            detail["deliveryDelay"]["delayType"],
            detail["deliveryDelay"]["delayedRecipients"][0]["status"],
        ])
    }

    #[test]
    fn events_are_as_they_were_recorded_of_ses() {
        let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ops/events");
        let mail = mail(&["recipient@example.org"]);
        for (happening, file) in [
            (Happening::Send, "sent"),
            (Happening::Delivery, "delivered"),
            (Happening::Bounce, "bounce-permanent"),
            (Happening::SoftBounce, "bounce-transient"),
            (Happening::Suppressed, "bounce-suppressed-everywhere"),
            (Happening::Complaint, "complaint"),
            (Happening::DeliveryDelay, "delivery-delay"),
        ] {
            let file = recorded.join(format!("ses-{file}.json"));
            let expected: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            let event = MailEvent::new(happening, mail.destinations.clone(), mail.received_at);
            let event = in_envelope(PLACE, &mail, RAW.as_bytes(), &event);
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            shape(&event, "", &mut ours);
            shape(&expected, "", &mut theirs);
            // How a map is ordered depends on what else is built with it.
            ours.sort();
            theirs.sort();
            assert_eq!(ours, theirs, "{}", file.display());
            assert_eq!(says(&event), says(&expected), "{}", file.display());
        }
    }

    #[test]
    fn a_simulated_mailbox_answers_as_its_name_says() {
        use Happening::{Bounce, Complaint, Delivery, Send, Suppressed};
        let cases: [(&str, &[Happening]); 8] = [
            ("ann@example.org", &[Send, Delivery]),
            ("bounce@example.org", &[Send, Delivery]),
            ("success@simulator.amazonses.com", &[Send, Delivery]),
            ("ooto@simulator.amazonses.com", &[Send, Delivery]),
            ("bounce@simulator.amazonses.com", &[Send, Bounce]),
            ("Bounce+ann+2@Simulator.AmazonSES.com", &[Send, Bounce]),
            ("complaint+x@simulator.amazonses.com", &[Send, Delivery, Complaint]),
            ("suppressionlist@simulator.amazonses.com", &[Send, Suppressed]),
        ];
        for (to, expected) in cases {
            let events = of_mail(&[to.to_owned()], Timestamp::UNIX_EPOCH);
            let found: Vec<_> = events.iter().map(|event| event.event).collect();
            assert_eq!(found, expected, "{to}");
            assert!(events.iter().all(|event| event.to == [to]));
            assert!(events.is_sorted_by_key(|event| event.at));
        }
    }

    #[test]
    fn a_mail_to_several_is_sent_once_and_each_has_an_outcome() {
        let to = ["ann@example.org", "bounce@simulator.amazonses.com"];
        let events = mail(&to).events;
        let told: Vec<_> =
            events.iter().map(|event| (event.event, event.to.iter().collect::<Vec<_>>())).collect();
        assert_eq!(
            told,
            [
                (Happening::Send, vec![&to[0].to_owned(), &to[1].to_owned()]),
                (Happening::Delivery, vec![&to[0].to_owned()]),
                (Happening::Bounce, vec![&to[1].to_owned()]),
            ]
        );
    }

    #[test]
    fn headers_are_told_as_they_were_up_to_a_limit() {
        let long = format!("X-Long: {}\r\n", "x".repeat(900)).repeat(20);
        let raw = RAW.replace("MIME-Version", &format!("{long}MIME-Version"));
        let mail = mail(&["recipient@example.org"]);
        let about = |raw: &str| about_mail(PLACE, &mail, raw.as_bytes(), Happening::Send);
        let whole = about(RAW);
        assert_eq!(whole["headersTruncated"], false);
        assert_eq!(
            whole["headers"][0],
            json!({ "name": "From", "value": "=?utf-8?q?Seisi=C3=BAn?= <sessions@example.org>" })
        );
        assert_eq!(whole["headers"][2]["value"], "A session near you");
        assert_eq!(whole["commonHeaders"]["from"], json!(["Seisiún <sessions@example.org>"]));
        let part = about(&raw);
        assert_eq!(part["headersTruncated"], true);
        let bytes = part["headers"].to_string().len();
        assert!((HEADER_BYTES_MAX - 2_000..HEADER_BYTES_MAX + 1_000).contains(&bytes), "{bytes}");
        assert_eq!(part["commonHeaders"], whole["commonHeaders"]);
    }

    #[test]
    fn ids_are_uuids() {
        let id = new_id();
        let groups: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(id.as_bytes()[14], b'4', "{id}");
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
        assert_ne!(id, new_id());
    }
}
