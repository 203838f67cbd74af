//! `docs/cost.md` and its picture.

use std::fmt::Write as _;

use super::{
    bill::{Consumption, Free, Line, by_service, total},
    idle::Standing,
    machines,
    month::{LOG_MONTHS, Model, journeys as j},
    units::{Amount, Usd, grouped},
};

/// The picture, from the document.
pub const PICTURE: &str = "pictures/cost.svg";

/// Services that are shown by name in the picture; the rest are together.
const SHOWN: usize = 8;

/// Bytes that a published list may have (`LIST_BYTES_MAX`).
const LIST_BYTES_MAX: f64 = 64.0 * 1024.0 * 1024.0;

/// Colours of the picture, from Paul Tol's for the colour-blind.
const COLOURS: [&str; 9] = [
    "#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#EE8866", "#44BB99",
    "#BBBBBB",
];

/// Everything that the document tells of.
#[derive(Debug)]
pub struct Report<'a> {
    /// Counts, prices, usage and what stands in Prod.
    pub model: &'a Model,
    /// What each stage has, by its name: what an application's stack brings, then
    /// what stands once beside it.
    pub stages: Vec<(&'static str, Standing)>,
}

/// The document and its picture.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    /// Markdown.
    pub document: String,
    /// SVG.
    pub picture: String,
}

impl Report<'_> {
    /// Writes both.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn write(&self) -> Result<Written, String> {
        let months = self.months()?;
        let mut text = String::new();
        let words = Words { text: &mut text };
        self.document(words, &months)?;
        Ok(Written { document: text, picture: picture(&months) })
    }

    fn months(&self) -> Result<Vec<Month>, String> {
        let each = self.model.usage.scales.iter().map(|members| {
            let (fleet, machines) = machines::month(self.model, *members)?;
            Ok(Month { members: *members, lines: self.model.month(*members)?, fleet, machines })
        });
        each.collect()
    }

    fn document(&self, mut to: Words<'_>, months: &[Month]) -> Result<(), String> {
        let model = self.model;
        let prices = &model.prices;
        to.line("# What it costs");
        to.line("");
        to.line("Written by `cargo xtask cost` and held current by `cargo xtask check`: counted requests × reviewed prices, in US dollars without tax, in eu-west-1. The counts are what the real workflows ask for on the local engine (`ops/cost/counts.json`, recorded by `e2e/tests/counts.rs`, which fails when a workflow asks for something else), the prices are AWS's (`ops/cost/prices.yaml`, each with its source), what people do is assumed (`ops/cost/usage.yaml`, each with its reason), and what stands is counted in the expanded templates. Nobody's bill was looked at: there is none yet.");
        to.line("");
        self.summary(&mut to, months)?;
        self.by_piece(&mut to)?;
        self.by_month(&mut to, months);
        self.while_idle(&mut to)?;
        self.on_machines(&mut to, months);
        self.measures(&mut to, months)?;
        self.next(&mut to, months)?;
        to.line("## How it is reckoned");
        to.line("");
        to.line("- **State transitions**: states entered in the histories of the executions and of a distributed map's children, one for each start, and retries. AWS's page says that a transition is counted each time a step is executed, retries included; whether the start is one it does not say, so it is.");
        to.line("- **DynamoDB units**: from the items' sizes by AWS's rules, indexes and transactions included: writes as the engine tells when it is asked, reads from the answers that pass the gateway between functions and engine. A write that a condition refuses counts as one; where only keys are asked for, a read is a little more than is counted.");
        to.line("- **Lambda**: billed milliseconds as the engine measures them on x86-64 with an unoptimised build and everything on two cores, times the template's memory, at the price of arm64. That is an upper estimate: a release build on an idle core is quicker. Starts are in it.");
        to.line("- **S3, uploads**: requests by function and bucket; each upload is written by the browser, read and tagged by the scanner. Transfer between services of one region is free.");
        to.line(&format!("- **Logs**: bytes of the lines that functions write, with the 26 bytes that CloudWatch adds to each, kept for {:.0} days. Lambda's own lines are switched off by the log level.", LOG_MONTHS * 730.0 / 24.0));
        to.line("- **Free allowances**: what AWS gives every account for ever is taken off a month once, and never off a single submission. What is free in an account's first year, or by credit, is not reckoned with.");
        to.line("- **Scales** are linear but for price tiers, free allowances, and a country's list, which each publication reads whole.");
        to.line("");
        to.line("Without: tax, support plans, domain names, people, and attacks.");
        to.line("");
        self.assumptions(&mut to);
        let unconfirmed: Vec<_> = prices
            .sources()
            .into_iter()
            .filter(|(_, source)| source.unconfirmed.is_some())
            .collect();
        to.line("## Prices that were not confirmed");
        to.line("");
        to.line(&format!("Of {} prices, {} were read in AWS's own lists or pages for this region. Of the others something was not:", prices.sources().len(), prices.sources().len() - unconfirmed.len()));
        to.line("");
        to.line("| price | what was not |");
        to.line("|---|---|");
        for (name, source) in unconfirmed {
            let why = source.unconfirmed.as_deref().unwrap_or_default();
            to.line(&format!("| `{name}` | {why} |"));
        }
        Ok(())
    }

    fn summary(&self, to: &mut Words<'_>, months: &[Month]) -> Result<(), String> {
        let model = self.model;
        let few = months.first().map_or(0.0, |month| month.members);
        let one = total(
            &model.submission(model.listed_in_country(few))?.lines(&model.prices, Free::Spent),
        );
        let mails = total(&model.notification()?.times(1_000.0).lines(&model.prices, Free::Spent));
        to.line("| | |");
        to.line("|---|---:|");
        to.line(&format!("| an average submission, with its photos, its mails and the page that watches it | {one} |"));
        to.line(&format!("| 1,000 mails to followers | {mails} |"));
        for month in months {
            to.line(&format!(
                "| a month with {} members | {} |",
                people(month.members),
                total(&month.lines)
            ));
        }
        for (stage, standing) in &self.stages {
            to.line(&format!(
                "| a month of {stage} in which nobody comes | {} |",
                total(&model.idle(standing)?)
            ));
        }
        to.line("");
        Ok(())
    }

    fn by_piece(&self, to: &mut Words<'_>) -> Result<(), String> {
        let model = self.model;
        to.line("## One more");
        to.line("");
        to.line("What one more costs where free allowances are spent. Requests and units are counted, not assumed.");
        to.line("");
        to.line("| | transitions | invocations | reads | writes | S3 writes | S3 reads | mails | cost |");
        to.line("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        let pieces: [(&str, Consumption); 10] = [
            ("a session, no photo, no follower", model.journey(j::SESSION)?),
            ("each photo of it", model.photo()?),
            (
                "held for a moderator, in addition",
                model.journey(j::HELD)?.less(model.journey(j::SESSION)?),
            ),
            ("an edit of it", model.journey(j::EDIT)?),
            ("a review", model.journey(j::REVIEW)?),
            ("1,000 mails to followers", model.notification()?.times(1_000.0)),
            (
                "1,000 sessions listed in the country: each publication, in addition",
                model.per_listed()?.times(1_000.0),
            ),
            ("1,000 views", model.views(1_000.0)?),
            ("1,000 sign-ins", model.journey(j::SIGN_IN)?.times(1_000.0)),
            ("a day of looking after open work", model.journey(j::RECONCILE)?.times(1_440.0)),
        ];
        for (what, of) in pieces {
            let cost = total(&of.lines(&model.prices, Free::Spent));
            let numbers = [
                of.transitions.number(),
                of.invocations.number(),
                of.reads.number(),
                of.writes.number(),
                of.puts.number(),
                of.gets.number(),
                of.mails.number(),
            ];
            let numbers: Vec<String> = numbers.iter().map(|number| short(*number)).collect();
            to.line(&format!("| {what} | {} | {cost} |", numbers.join(" | ")));
        }
        to.line("");
        to.line("What each is made of, the dearest first:");
        to.line("");
        to.line("| | |");
        to.line("|---|---|");
        for (what, of) in [
            ("a session", model.journey(j::SESSION)?),
            ("a photo", model.photo()?),
            ("1,000 mails", model.notification()?.times(1_000.0)),
            ("1,000 views", model.views(1_000.0)?),
        ] {
            to.line(&format!("| {what} | {} |", shares(&of.lines(&model.prices, Free::Spent), 5)));
        }
        to.line("");
        Ok(())
    }

    fn by_month(&self, to: &mut Words<'_>, months: &[Month]) {
        let usage = &self.model.usage;
        to.line("## A month");
        to.line("");
        to.line(&format!("Of a million members {:.0} % are active; they send {} things and {} photos a day, {} mails go out, and there are {} views a month. All of Prod, with what stands beside it: edge, account, pipeline.",
            100.0 * usage.active_share.value,
            grouped(1e6 * usage.submissions_per_member.value / 30.0),
            grouped(1e6 * usage.submissions_per_member.value * usage.photos_per_submission.value / 30.0),
            grouped(1e6 * usage.submissions_per_member.value * (1.0 + usage.notifications_per_submission.value) / 30.0),
            grouped(1e6 * usage.views_per_member.value)));
        to.line("");
        to.line(&format!("![What a month is made of]({PICTURE})"));
        to.line("");
        let mut services: Vec<(&'static str, f64)> = Vec::new();
        for month in months {
            for (service, usd) in by_service(&month.lines) {
                match services.iter_mut().find(|(name, _)| *name == service) {
                    // In the order of what each weighs, whatever the scale.
                    Some((_, weight)) => *weight += usd.0 / total(&month.lines).0,
                    None => services.push((service, usd.0 / total(&month.lines).0)),
                }
            }
        }
        services.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        to.line(&format!("| members | {} |", cells(months, |month| people(month.members))));
        to.line(&format!("|---|{}", "---:|".repeat(months.len())));
        for (service, _) in services {
            to.line(&format!(
                "| {service} | {} |",
                cells(months, |month| cents(month.service(service)))
            ));
        }
        to.line(&format!(
            "| **all** | {} |",
            cells(months, |month| format!("**{}**", total(&month.lines)))
        ));
        to.line(&format!(
            "| all but Cognito | {} |",
            cells(months, |month| {
                Usd(total(&month.lines).0 - month.service("Cognito").0).to_string()
            })
        ));
        to.line(&format!(
            "| a member | {} |",
            cells(months, |month| (total(&month.lines) * (1.0 / month.members)).to_string())
        ));
        to.line("");
        to.line("**What dominates:**");
        to.line("");
        for month in months {
            to.line(&format!("- {} members: {}.", people(month.members), shares(&month.lines, 4)));
        }
        to.line("");
    }

    fn while_idle(&self, to: &mut Words<'_>) -> Result<(), String> {
        let model = self.model;
        to.line("## A month in which nobody comes");
        to.line("");
        to.line("What each stage has, counted in its templates. Each is an account of its own with its own free allowances. Functions, workflows, table, buckets, queues, topics, user pool, API and edge cost nothing here.");
        to.line("");
        let names: Vec<&str> = self.stages.iter().map(|(name, _)| *name).collect();
        to.line(&format!("| | {} |", names.join(" | ")));
        to.line(&format!("|---|{}", "---:|".repeat(names.len())));
        let row = |to: &mut Words<'_>, what: &str, of: &dyn Fn(&Standing) -> String| {
            let values: Vec<String> =
                self.stages.iter().map(|(_, standing)| of(standing)).collect();
            to.line(&format!("| {what} | {} |", values.join(" | ")));
        };
        row(to, "resources", &|of| of.resources.to_string());
        row(to, "alarms, and metrics that they look at", &|of| {
            format!("{}, {}", of.alarms, of.alarm_metrics)
        });
        row(to, "composite alarms", &|of| of.composites.to_string());
        row(to, "dashboards", &|of| of.dashboards.to_string());
        row(to, "customer keys", &|of| of.keys.to_string());
        row(to, "secrets", &|of| of.secrets.to_string());
        row(to, "web ACLs, with rules", &|of| format!("{}, {}", of.acls, of.acl_rules));
        row(to, "restore tests", &|of| format!("{:.1}", of.restore_tests));
        row(to, "scheduled runs", &|of| grouped(of.schedules.values().sum()));
        let mut bills = Vec::new();
        for (_, standing) in &self.stages {
            bills.push(model.idle(standing)?);
        }
        let mut services: Vec<&'static str> = Vec::new();
        for bill in &bills {
            for (service, _) in by_service(bill) {
                if !services.contains(&service) {
                    services.push(service);
                }
            }
        }
        for service in services {
            let values: Vec<String> =
                bills.iter().map(|bill| cents(of_service(bill, service))).collect();
            to.line(&format!("| {service} | {} |", values.join(" | ")));
        }
        let sums: Vec<String> = bills.iter().map(|bill| format!("**{}**", total(bill))).collect();
        to.line(&format!("| **all** | {} |", sums.join(" | ")));
        row(to, "from the third year: rotated keys, in addition", &|of| {
            cents(of.rotations(&model.prices))
        });
        to.line("");
        let stages = self.stages.iter().map(|(_, standing)| standing);
        let (alarms, metrics) = stages.fold((0, 0), |(alarms, metrics), standing| {
            (alarms + standing.alarms, metrics + standing.alarm_metrics)
        });
        to.line(&format!("Alarms are most of it where there are any: {alarms} of them look at {metrics} metrics, since one on a ratio or a burn rate looks at several, and each is paid. Test has them so that they are tried before Prod has; it could go without those of the objectives, and without a web ACL between releases. Dev has next to nothing."));
        to.line("");
        Ok(())
    }

    fn on_machines(&self, to: &mut Words<'_>, months: &[Month]) {
        to.line("## The same on virtual machines");
        to.line("");
        to.line("Two zones, a load balancer and PostgreSQL with a standby take the place of functions, workflows, gateway, table, user pool and scan; edge, web ACL, buckets, mail, classification, logs and metrics stay and cost the same. Sized for ten times the average hour, machines half busy then, at on-demand prices. A vCPU answers 250 requests a second; a submission takes 0.05 vCPU-seconds, a photo 0.5, a password 0.1 (`ops/src/cost/machines.rs`). Nobody's time is in it, on either side: patches, failovers, capacity and a queue with retries of one's own are work that the machines ask for.");
        to.line("");
        to.line(&format!("| members | {} |", cells(months, |month| people(month.members))));
        to.line(&format!("|---|{}", "---:|".repeat(months.len())));
        to.line(&format!(
            "| vCPU at the peak | {} |",
            cells(months, |month| short(month.fleet.vcpu_peak))
        ));
        to.line(&format!(
            "| writes a second at the peak | {} |",
            cells(months, |month| short(month.fleet.writes_peak))
        ));
        to.line(&format!(
            "| machines | {} |",
            cells(months, |month| format!("{} × {}", month.fleet.machines, month.fleet.machine))
        ));
        to.line(&format!(
            "| databases | {} |",
            cells(months, |month| format!("{} × {}", month.fleet.databases, month.fleet.database))
        ));
        to.line(&format!(
            "| machines, balancer, database | {} |",
            cells(months, |month| {
                let own = ["Machines", "Load balancer", "PostgreSQL"];
                let own: Usd = own.iter().map(|service| of_service(&month.machines, service)).sum();
                own.to_string()
            })
        ));
        to.line(&format!(
            "| **a month on machines** | {} |",
            cells(months, |month| format!("**{}**", total(&month.machines)))
        ));
        to.line(&format!(
            "| a month as it is | {} |",
            cells(months, |month| total(&month.lines).to_string())
        ));
        to.line(&format!(
            "| as it is, without Cognito | {} |",
            cells(months, |month| {
                Usd(total(&month.lines).0 - month.service("Cognito").0).to_string()
            })
        ));
        to.line("");
        for month in months {
            let (as_is, machines) = (total(&month.lines), total(&month.machines));
            let without = Usd(as_is.0 - month.service("Cognito").0);
            let compare = |name: &str, one: Usd| {
                if one.0 <= machines.0 {
                    format!(
                        "{name} costs {:.0} % less than machines",
                        100.0 * (1.0 - one.0 / machines.0)
                    )
                } else {
                    format!(
                        "machines cost {:.0} % less than {name}",
                        100.0 * (1.0 - machines.0 / one.0)
                    )
                }
            };
            to.line(&format!(
                "- {} members: {}; {}.",
                people(month.members),
                compare("what there is", as_is),
                compare("the same without Cognito", without)
            ));
        }
        to.line("");
        to.line("So a user pool of one's own is what machines save, not the machines; it could be had without them. And machines cost their own share in every stage and every month, whoever comes: Dev and Test, too.");
        to.line("");
    }

    fn measures(&self, to: &mut Words<'_>, months: &[Month]) -> Result<(), String> {
        to.line("## What was done about it");
        to.line("");
        to.line("Each with what a month would cost more without it, by the same arithmetic.");
        to.line("");
        to.line(&format!("| | {} |", cells(months, |month| people(month.members))));
        to.line(&format!("|---|{}", "---:|".repeat(months.len())));
        let all = months
            .iter()
            .map(|month| self.savings(month.members))
            .collect::<Result<Vec<_>, _>>()?;
        for (place, (what, _)) in all.first().into_iter().flatten().enumerate() {
            let values: Vec<String> = all
                .iter()
                .map(|savings| savings.get(place).map_or_else(String::new, |(_, usd)| cents(*usd)))
                .collect();
            to.line(&format!("| {what} | {} |", values.join(" | ")));
        }
        to.line("");
        Ok(())
    }

    /// What each measure saves in a month.
    fn savings(&self, members: f64) -> Result<Vec<(&'static str, Usd)>, String> {
        let model = self.model;
        let (prices, usage) = (&model.prices, &model.usage);
        let all = model.consumption(members)?;
        let views = members * usage.views_per_member.value;
        let submissions = members * usage.submissions_per_member.value;
        let publications = submissions * (usage.session_share.value + usage.edit_share.value);
        let of = |what: Consumption| total(&what.lines(prices, Free::Spent));
        // Half of all views search; with the API, each search is a request.
        let searches = model.journey(j::SEARCH)?.times(0.5 * views * usage.api_miss_share.value);
        let files = Consumption { edge_requests: Amount::of(views), ..Consumption::default() };
        let invalidated = publications * usage.list_paths_per_publication.value;
        let x86 = prices.lambda_gb_second_x86.of(all.compute).0
            - prices.lambda_gb_second.of(all.compute).0;
        let authorizer = Consumption {
            invocations: all.api,
            compute: Amount::of(all.api.number() * 0.128 * 0.005),
            ..Consumption::default()
        };
        let platform = Amount::bytes(all.invocations.number() * usage.platform_line_bytes.value);
        let platform = Consumption {
            logs: platform,
            logs_kept: platform.kept(LOG_MONTHS),
            ..Consumption::default()
        };
        let read_by_mail =
            members * (usage.follower_share.value - usage.active_share.value).max(0.0);
        let keys = (all.puts + all.gets) * (1.0 - 0.01);
        Ok(vec![
            (
                "Visitors search in published files, not by the API",
                Usd((of(searches).0 - of(files).0).max(0.0)),
            ),
            (
                "Lists change by a new file and a head kept for a minute, not by invalidations",
                prices.cloudfront_invalidation.of(Amount::of(invalidated)),
            ),
            (
                "Addresses of followers are read from the table: `AdminGetUser` would make each an active member",
                prices.cognito_member.without_free(Amount::of(read_by_mail)),
            ),
            ("The gateway verifies tokens, no function does", of(authorizer)),
            ("arm64, not x86-64", Usd(x86.max(0.0))),
            ("Lambda's own log lines are off", of(platform)),
            (
                "Bucket keys: S3 asks for a key once for many objects",
                of(Consumption { key_uses: keys, ..Consumption::default() }),
            ),
        ])
    }

    fn next(&self, to: &mut Words<'_>, months: &[Month]) -> Result<(), String> {
        let model = self.model;
        let (prices, usage) = (&model.prices, &model.usage);
        to.line("## What is next, and what it would save");
        to.line("");
        to.line(&format!("| | {} |", cells(months, |month| people(month.members))));
        to.line(&format!("|---|{}", "---:|".repeat(months.len())));
        let mut rows: Vec<(&str, Vec<Usd>)> = vec![
            ("**Cognito Lite**: costs codes by mail, passkeys and rotated refresh tokens", vec![]),
            ("**A user pool of one's own**, or another provider", vec![]),
            (
                "**A table backup a week, not a day**: each is a whole copy, in two vaults, and point-in-time recovery has every second of 35 days anyway",
                vec![],
            ),
            (
                "**A country's list in parts**: each publication reads and writes the whole of it",
                vec![],
            ),
            (
                "**SES by the piece** (`put-account-pricing-attributes --plan NONE`): new accounts begin with a dearer plan",
                vec![],
            ),
            (
                "**Express children in the fan-out's map**: a page would cost no transitions, but run at least once; the ledger already copes",
                vec![],
            ),
        ];
        for month in months {
            let members = month.members;
            let all = model.consumption(members)?;
            let submissions = members * usage.submissions_per_member.value;
            let publications = submissions * (usage.session_share.value + usage.edit_share.value);
            let listed = model.per_listed()?.times(model.listed_in_country(members) * publications);
            let mails = submissions * usage.notifications_per_submission.value;
            let pages = model.notification()?.transitions * mails;
            let by_the_piece =
                prices.ses_mail.of(all.mails).0 - prices.ses_mail_by_the_piece.of(all.mails).0;
            let saved = [
                Usd(prices.cognito_member.of(all.members).0
                    - prices.cognito_member_lite.of(all.members).0),
                prices.cognito_member.of(all.members),
                prices.backup_dynamodb.of(all.table_backups * (6.0 / 7.0)),
                total(&listed.lines(prices, Free::Spent)),
                Usd(by_the_piece),
                prices.step_functions_transition.without_free(pages),
            ];
            for ((_, row), saved) in rows.iter_mut().zip(saved) {
                row.push(saved);
            }
        }
        for (what, saved) in rows {
            let saved: Vec<String> = saved.into_iter().map(cents).collect();
            to.line(&format!("| {what} | {} |", saved.join(" | ")));
        }
        to.line("");
        let bytes = model.list_bytes()?;
        let most = LIST_BYTES_MAX / bytes;
        let members = most / usage.listed_per_member.value / usage.country_share.value;
        to.line(&format!("A country's list is not only dear: each session adds {} bytes to it and to the sitemap, so that it passes the 64 MB that a list may have with about {} sessions, which by these assumptions is at {} million members. It has to come in parts before that.", grouped(bytes), grouped(most), grouped(members / 1e6)));
        to.line("");
        let session = model.journey(j::SESSION)?;
        let standard = prices.step_functions_transition.without_free(session.transitions);
        let express = prices.step_functions_express_request.without_free(Amount::of(1.0))
            + prices.step_functions_express_gb_second.without_free(Amount::of(5.0 * 0.0625));
        to.line(&format!("Not on the list: Express workflows. A session's transitions cost {standard}, as an Express execution of five seconds it would be {express}. But an Express execution ends after five minutes, runs at least once and keeps no name: a decision may take weeks, and \"the same name is the same execution\" is what nothing accepted is lost by (ADR 1). At a million members that is {} a month.", total(&Consumption { transitions: model.consumption(1e6)?.transitions, ..Consumption::default() }.lines(prices, Free::TakenOff))));
        to.line("");
        Ok(())
    }

    fn assumptions(&self, to: &mut Words<'_>) {
        to.line("## What is assumed");
        to.line("");
        to.line("| | | why |");
        to.line("|---|---:|---|");
        for (name, assumed) in self.model.usage.all() {
            to.line(&format!("| `{name}` | {} | {} |", assumed.value, assumed.why));
        }
        to.line("");
    }
}

/// A month at a number of members.
struct Month {
    members: f64,
    lines: Vec<Line>,
    fleet: machines::Fleet,
    machines: Vec<Line>,
}

impl Month {
    fn service(&self, service: &str) -> Usd {
        of_service(&self.lines, service)
    }
}

fn of_service(lines: &[Line], service: &str) -> Usd {
    lines.iter().filter(|line| line.service == service).map(|line| line.usd).sum()
}

/// The dearest services with their shares.
fn shares(lines: &[Line], most: usize) -> String {
    let all = total(lines);
    let named: Vec<String> = by_service(lines)
        .into_iter()
        .take(most)
        .map(|(service, usd)| format!("{service} {:.0} %", 100.0 * usd.0 / all.0))
        .collect();
    named.join(", ")
}

fn cells(months: &[Month], of: impl Fn(&Month) -> String) -> String {
    months.iter().map(of).collect::<Vec<_>>().join(" | ")
}

/// `1,000`, `1 million`.
fn people(members: f64) -> String {
    if members >= 1e6 { format!("{} million", grouped(members / 1e6)) } else { grouped(members) }
}

/// Money of a month: no less than a cent is told apart.
fn cents(usd: Usd) -> String {
    match usd.0 {
        0.0 => "–".into(),
        some if some < 0.01 => "< $0.01".into(),
        some if some < 99.995 => format!("${some:.2}"),
        _ => usd.to_string(),
    }
}

/// A count, with decimals where it is small.
fn short(number: f64) -> String {
    if number == 0.0 {
        "–".into()
    } else if number < 10.0 && number.fract() != 0.0 {
        format!("{number:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        grouped(number)
    }
}

/// Collects lines of Markdown.
struct Words<'a> {
    text: &'a mut String,
}

impl Words<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// Bars, one a scale, of what its month is made of.
fn picture(months: &[Month]) -> String {
    const WIDTH: f64 = 600.0;
    const LEFT: f64 = 150.0;
    const BAR: f64 = 34.0;
    let mut weights: Vec<(&'static str, f64)> = Vec::new();
    for month in months {
        for (service, usd) in by_service(&month.lines) {
            let share = usd.0 / total(&month.lines).0;
            match weights.iter_mut().find(|(name, _)| *name == service) {
                Some((_, weight)) => *weight += share,
                None => weights.push((service, share)),
            }
        }
    }
    weights.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let shown: Vec<&str> = weights.iter().take(SHOWN).map(|(service, _)| *service).collect();
    let legend_rows = shown.len().div_ceil(3) + 1;
    let height = 20.0 + months.len() as f64 * (BAR + 16.0) + legend_rows as f64 * 22.0 + 10.0;
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {height}\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\" aria-label=\"What a month is made of, by service, at each number of members\">",
        LEFT + WIDTH + 20.0
    );
    let _ = writeln!(svg, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
    for (row, month) in months.iter().enumerate() {
        let top = 20.0 + row as f64 * (BAR + 16.0);
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 10.0,
            top + BAR / 2.0 - 2.0,
            people(month.members)
        );
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555555\">{} a month</text>",
            LEFT - 10.0,
            top + BAR / 2.0 + 13.0,
            total(&month.lines)
        );
        let mut left = LEFT;
        let mut rest = total(&month.lines).0;
        let all = rest;
        let mut piece = |service: &str, usd: f64, colour: &str| {
            let width = WIDTH * usd / all;
            if width >= 0.05 {
                let _ = writeln!(
                    svg,
                    "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BAR}\" fill=\"{colour}\"><title>{service}: {}</title></rect>",
                    Usd(usd)
                );
            }
            left += width;
        };
        for (service, colour) in shown.iter().zip(COLOURS) {
            let usd = month.service(service).0;
            rest -= usd;
            piece(service, usd, colour);
        }
        piece("all others", rest.max(0.0), COLOURS[COLOURS.len() - 1]);
    }
    let top = 20.0 + months.len() as f64 * (BAR + 16.0) + 12.0;
    let named = shown.iter().copied().chain(["all others"]).enumerate();
    for (place, service) in named {
        let colour =
            if service == "all others" { COLOURS[COLOURS.len() - 1] } else { COLOURS[place] };
        let (x, y) = (LEFT + (place % 3) as f64 * 200.0, top + (place / 3) as f64 * 22.0);
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y:.1}\" width=\"13\" height=\"13\" fill=\"{colour}\"/><text x=\"{}\" y=\"{:.1}\">{service}</text>",
            x + 19.0,
            y + 11.0
        );
    }
    svg.push_str("</svg>\n");
    svg
}
