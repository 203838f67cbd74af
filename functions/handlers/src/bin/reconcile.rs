//! Reconcile as a Lambda function: on a schedule, or for an operator.

use seisiun_aws::table::Table;
use seisiun_contracts::{
    metric::Metric,
    task::{FanOutProgress, FanOutRequest, ReconcileInput, ReconcileOutput, SwitchRequest},
};
use seisiun_domain::switch::Switch;
use seisiun_functions::{
    failure, mailer, now, on_call, parking, seconds_since, sender, start, table, workflows,
};
use seisiun_lambda::{metrics, setting};
use seisiun_workflows::{
    TaskError, TaskResult,
    carry_out::sweep_rulings,
    fan_out::Progress,
    ports::{
        CountCases, IsOff, IsPaused, ListPageResults, LoadFanOut, PageResult, SetPause, SetSwitch,
        Waiting,
    },
    reconcile::{Reconciled, reconcile},
    redrive::redrive,
    restart::restart,
};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, workflows, mailer) = (&table(&config)?, &workflows(&config), &mailer(&config)?);
    let (on_call, parking, sender) = (&on_call(&config)?, &parking(&config)?, &sender()?);
    let grace_seconds: u32 = setting("GRACE_SECONDS")?;
    seisiun_lambda::serve(move |input: ReconcileInput| async move {
        if let Some(wanted) = input.restart {
            let name =
                restart(table, workflows, wanted.workflow, wanted.id).await.map_err(failure)?;
            let restarted = u32::from(name.is_some());
            return Ok(ReconcileOutput { restarted, ..NOTHING });
        }
        if let Some(SwitchRequest { what, on }) = input.switch {
            table.set_switch(what, on).await.map_err(TaskError::from).map_err(failure)?;
            tracing::warn!(switch = what.name(), on, "switched by an operator");
            return Ok(NOTHING);
        }
        if input.redrive {
            let done = redrive(table, workflows, parking).await.map_err(failure)?;
            tracing::warn!(pages = done.pages, "parked pages redriven by an operator");
            return Ok(ReconcileOutput { restarted: done.restarted, ..NOTHING });
        }
        if let Some(wanted) = input.fan_out {
            let fan_out = look_at_fan_out(table, wanted).await.map_err(failure)?;
            return Ok(ReconcileOutput { fan_out: Some(fan_out), ..NOTHING });
        }
        let grace = input.grace_seconds.unwrap_or(grace_seconds);
        // Neither holds up the other: work that can't be helped blinds no alarm on
        // cases, and a figure that can't be had leaves no work undone.
        let measured = measure_state(table).await;
        let swept = sweep_rulings(table, workflows, now(), grace).await;
        let done = reconcile(table, workflows, mailer, on_call, sender, now(), grace)
            .await
            .map_err(failure)?;
        measure_work(&done);
        measured.map_err(failure)?;
        swept.map_err(failure)?;
        Ok(ReconcileOutput {
            open: done.open,
            started: done.started,
            restarted: done.restarted,
            given_up: done.given_up,
            fan_out: None,
        })
    })
    .await
}

/// What a run answers that did none of its usual work.
const NOTHING: ReconcileOutput =
    ReconcileOutput { open: 0, started: 0, restarted: 0, given_up: 0, fan_out: None };

/// How far a fan-out is, once it is paused or let go on as an operator wants it.
async fn look_at_fan_out(table: &Table, wanted: FanOutRequest) -> TaskResult<FanOutProgress> {
    let FanOutRequest { event_id, paused } = wanted;
    let planned = table.load_fan_out(event_id).await?;
    let planned = planned
        .ok_or_else(|| TaskError::InvalidInput(format!("no fan-out of {event_id} is planned")))?;
    if let Some(paused) = paused {
        table.set_pause(event_id, paused).await?;
        tracing::warn!(event.id = %event_id, paused, "fan-out paused or let go on by an operator");
    }
    let paused = table.is_paused(event_id).await?;
    let progress = Progress::of(&planned, &table.list_page_results(event_id).await?);
    let Progress { pages, follows, reported, unsettled, sum } = progress;
    let PageResult { sent, skipped, suppressed, refused, unresolved, unknown } = sum;
    Ok(FanOutProgress {
        paused,
        pages,
        reported,
        unsettled,
        follows,
        sent,
        skipped,
        suppressed,
        refused,
        unresolved,
        unknown,
    })
}

/// What this run found and did.
fn measure_work(done: &Reconciled) {
    let oldest = done.oldest.map_or(0.0, |id| seconds_since(id.ulid()));
    metrics::measure(Metric::OpenWork, done.active.into());
    metrics::measure(Metric::OldestOpenWork, oldest);
    metrics::count(Metric::WorkRestarted, done.restarted);
    metrics::count(Metric::WorkGivenUp, done.given_up);
}

/// What is so at this moment: for alarms on cases that wait, and on what is off.
async fn measure_state(table: &Table) -> TaskResult<()> {
    let Waiting { cases, since } = table.count_cases().await?;
    let waits = since.map_or(0.0, |since| now().duration_since(since).as_secs_f64());
    metrics::measure(Metric::UndecidedCases, u32::try_from(cases).unwrap_or(u32::MAX).into());
    metrics::measure(Metric::OldestUndecidedCase, waits);
    for (metric, switch) in
        [(Metric::MailEnabled, Switch::Mail), (Metric::UploadsEnabled, Switch::Uploads)]
    {
        metrics::measure(metric, if table.is_off(switch).await? { 0.0 } else { 1.0 });
    }
    Ok(())
}
