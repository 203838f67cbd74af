//! A running copy of everything: engine, deployed template, stand-ins.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::Session;
use crate::aws::{ACCESS_KEY, Aws, REGION};
use crate::deploy::{BUCKET, choose_parameters, deploy};
use crate::engine::{self, ENGINE};
use crate::gateway::{self, GATEWAY};
use crate::layout::Instance;
use crate::package::{Also, Built, Destination, build, package, stage};
use crate::ports::Ports;
use crate::process::{make_folder, remove_folder, write_whole};
use crate::services::Services;
use crate::standins::{self, STANDINS};
use crate::template;
use crate::tools::PythonTools;

/// The binary that plays the demo.
pub(crate) const DEMO: &str = "seisiun-demo";

/// The domain of our own addresses here. Nothing sent to it leaves the machine.
pub(crate) const MAIL_DOMAIN: &str = "seisiun.example";

/// How a stack is to be started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    /// Forget what an earlier run has left.
    pub(crate) fresh: bool,
    /// The front door's port; any free one if none is named.
    pub(crate) front_door: Option<u16>,
    /// Whether the engine evaluates IAM for the functions' roles.
    pub(crate) evaluate_iam: bool,
    /// Whether a gateway stands between functions and engine, for tests.
    pub(crate) gateway: bool,
}

/// A stack that we have started, and stop again.
#[derive(Debug)]
pub(crate) struct Stack {
    instance: Instance,
    services: Services,
    ports: Ports,
    demo: PathBuf,
}

impl Stack {
    /// Starts and deploys what was built. If anything goes wrong, what was started is
    /// stopped again.
    pub(crate) fn start(
        session: &Session,
        instance: Instance,
        wish: Wish,
        built: &Built,
    ) -> Result<Self> {
        let services = Services::open(instance.processes());
        let living = services.living()?;
        if !living.is_empty() {
            bail!(
                "already running ({}): stop it with Ctrl-C where it runs, or with `cargo xtask down`",
                living.join(", ")
            );
        }
        let python = session.tools().python()?;
        let demo = built.program(DEMO)?.clone();

        if wish.fresh {
            remove_folder(&instance.state())?;
        }
        remove_folder(&instance.scratch())?;
        for folder in [
            instance.engine_state(),
            instance.standins_state(),
            instance.scratch(),
            instance.artifacts(),
        ] {
            make_folder(&folder)?;
        }
        remove_folder(&instance.logs())?;
        let ports = Ports::choose(&instance.ports(), wish.front_door)?;
        let mut stack = Self { instance, services, ports, demo };
        let started = stack.bring_up(session, &python, wish, built);
        if let Err(error) = started {
            // The first error is the one to tell.
            if let Err(second) = stack.stop(session) {
                session.progress.say(format!("Stopping failed as well: {second:#}"));
            }
            return Err(error);
        }
        Ok(stack)
    }

    /// Brings the stack that runs in this instance to what the checkout says.
    pub(crate) fn redeploy(
        session: &Session,
        instance: Instance,
        evaluate_iam: bool,
    ) -> Result<()> {
        let built = Self::build(session)?;
        Self::update(session, instance, evaluate_iam, Some(&built), &[])
    }

    /// Gives the stack that runs in this instance these values for the template's
    /// parameters, and the machine's for the others; its functions stay as they
    /// were deployed last.
    pub(crate) fn set(
        session: &Session,
        instance: Instance,
        evaluate_iam: bool,
        settings: &[(String, String)],
    ) -> Result<()> {
        Self::update(session, instance, evaluate_iam, None, settings)
    }

    fn update(
        session: &Session,
        instance: Instance,
        evaluate_iam: bool,
        built: Option<&Built>,
        settings: &[(String, String)],
    ) -> Result<()> {
        let python = session.tools().python()?;
        let ports = Ports::read(&instance.ports())?;
        let services = Services::open(instance.processes());
        let stack = Self { instance, services, ports, demo: PathBuf::new() };
        let aws = Aws::new(&python, &ports.engine_url());
        let outputs = stack.deploy(session, &aws, built, settings)?;
        stack.write_run_file(&outputs, evaluate_iam)
    }

    /// Builds all that a stack consists of.
    pub(crate) fn build(session: &Session) -> Result<Built> {
        session.progress.step("Building functions, stand-ins and demo", || {
            build(&session.layout, &session.interrupt, Also::Nothing)
        })
    }

    fn bring_up(
        &mut self,
        session: &Session,
        python: &PythonTools,
        wish: Wish,
        built: &Built,
    ) -> Result<()> {
        let progress = session.progress;
        let aws = Aws::new(python, &self.ports.engine_url());
        let functions_call =
            if wish.gateway { self.ports.gateway_url() } else { self.ports.engine_url() };
        self.services.start(engine::spec(
            python,
            &self.instance,
            self.ports,
            wish.evaluate_iam,
            &functions_call,
        ))?;
        if wish.gateway {
            let program = built.program(gateway::BINARY)?.clone();
            self.services.start(gateway::spec(program, &self.instance, self.ports))?;
            self.services.wait_ready(GATEWAY, &session.interrupt)?;
        }
        // They read the stack's outputs once these are there.
        let _ = std::fs::remove_file(self.instance.addresses());
        self.write_run_file(&BTreeMap::new(), wish.evaluate_iam)?;
        let program = built.program(standins::BINARY)?.clone();
        self.services.start(standins::spec(program, &self.instance, self.ports, functions_call))?;
        progress.step("Engine", || self.services.wait_ready(ENGINE, &session.interrupt))?;

        let outputs = self.deploy(session, &aws, Some(built), &[])?;
        self.write_run_file(&outputs, wish.evaluate_iam)?;
        progress.step("Stand-ins", || self.services.wait_ready(STANDINS, &session.interrupt))
    }

    fn deploy(
        &self,
        session: &Session,
        aws: &Aws,
        built: Option<&Built>,
        settings: &[(String, String)],
    ) -> Result<BTreeMap<String, String>> {
        let file = session.layout.template();
        let declared = template::read(&file)?;
        let packaged = session.progress.step("Packaging", || {
            if let Some(built) = built {
                for function in template::binaries(&declared)? {
                    stage(&session.layout, &function, built.program(&function)?)?;
                }
            }
            package(
                &file,
                Destination {
                    engine_url: &self.ports.engine_url(),
                    bucket: BUCKET,
                    folder: &self.instance.artifacts(),
                },
            )
        })?;
        let names = template::parameters(&declared);
        if let Some((unknown, _)) =
            settings.iter().find(|(name, _)| names.iter().all(|(known, _)| known != name))
        {
            bail!("{} has no parameter {unknown}", file.display());
        }
        let mut parameters = choose_parameters(&names, &local_values(self.ports))?;
        parameters.extend(settings.iter().cloned());
        deploy(
            aws,
            &packaged,
            &self.instance.artifacts(),
            &parameters,
            &self.instance.deployed(),
            session.progress,
            &session.interrupt,
        )
    }

    /// The file that tells everybody else how to use this stack.
    fn write_run_file(&self, outputs: &BTreeMap<String, String>, evaluate_iam: bool) -> Result<()> {
        let mut run = outputs.clone();
        let xtask = std::env::current_exe().context("we do not know our own program")?;
        for (name, value) in [
            ("region", REGION.to_owned()),
            ("access_key_id", ACCESS_KEY.to_owned()),
            ("secret_access_key", ACCESS_KEY.to_owned()),
            ("engine_url", self.ports.engine_url()),
            ("gateway_url", self.ports.gateway_url()),
            ("rekognition_url", self.ports.rekognition_url()),
            ("guardduty_url", self.ports.guardduty_url()),
            ("ses_url", self.ports.ses_url()),
            ("front_door_url", self.ports.front_door_url()),
            ("state_dir", self.instance.state().display().to_string()),
            ("log_dir", self.instance.logs().display().to_string()),
            ("evaluates_iam", evaluate_iam.to_string()),
            ("xtask", xtask.display().to_string()),
        ] {
            run.insert(name.to_owned(), value);
        }
        write_whole(&self.instance.run_file(), &serde_json::to_vec_pretty(&run)?)
    }

    /// Fails if something has died by itself.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.services.check()
    }

    /// Where the stack's addresses and outputs are written down.
    pub(crate) fn run_file(&self) -> PathBuf {
        self.instance.run_file()
    }

    /// The program that plays the demo.
    pub(crate) fn demo(&self) -> PathBuf {
        self.demo.clone()
    }

    /// The addresses, as a table.
    pub(crate) fn table(&self) -> String {
        let front_door = self.ports.front_door_url();
        [
            ("Front door", format!("{front_door}/")),
            ("Mailbox", format!("{front_door}/_local/mailbox")),
            ("Moderation (Rekognition)", self.ports.rekognition_url()),
            ("Malware scans (GuardDuty)", self.ports.guardduty_url()),
            ("Mail (SES)", self.ports.ses_url()),
            ("Engine (AWS)", self.ports.engine_url()),
            ("Logs", self.instance.logs().display().to_string()),
        ]
        .map(|(name, address)| format!("  {name:<26}{address}"))
        .join("\n")
    }

    /// Stops everything in reverse order.
    pub(crate) fn stop(&mut self, session: &Session) -> Result<()> {
        stop(session, &self.instance, &mut self.services)
    }
}

/// Stops what runs of an instance, whoever started it.
pub(crate) fn stop(session: &Session, instance: &Instance, services: &mut Services) -> Result<()> {
    let killed = services.stop_all(|name| session.progress.say(format!("Stopping {name} …")))?;
    let _ = std::fs::remove_file(instance.run_file());
    let _ = std::fs::remove_file(instance.addresses());
    if killed.iter().any(|name| name == ENGINE) {
        bail!(
            "the engine did not stop and was killed: what was written since its last start is lost"
        );
    }
    session.progress.say("Stopped");
    Ok(())
}

/// What this machine's stage gives to the template's parameters.
fn local_values(ports: Ports) -> [(&'static str, String); 8] {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    [
        ("Stage", "local".to_owned()),
        ("Architecture", architecture.to_owned()),
        ("SiteUrl", ports.front_door_url()),
        ("MailFrom", format!("sessions@{MAIL_DOMAIN}")),
        ("ModeratorsAddress", format!("moderators@{MAIL_DOMAIN}")),
        // More than the engine can send, and as long as its events take; above it more
        // mails are sent at once, which only has the engine's other callers wait.
        ("MailsPerSecond", "250".to_owned()),
        ("MailSettleSeconds", "30".to_owned()),
        ("MailUnknownSeconds", "90".to_owned()),
    ]
}
