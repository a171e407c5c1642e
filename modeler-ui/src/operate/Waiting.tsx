// What an instance waits for: people, machines, times, messages, called processes, and the other inputs of a join.

import { useState } from "preact/hooks";
import { post } from "../http";
import type { ActivityInstance, Job, Join, UserTask, WaitingKind, Waiting as WaitingRecord } from "../records";
import { ask } from "../shell/dialogs";
import { Icon, type IconName } from "../shell/icons";
import { toast, toastFailure } from "../shell/toasts";
import { t } from "../words";
import { ago, moment } from "../words/times";
import { now } from "./durations";

interface Props {
  waiting: readonly WaitingRecord[];
  joins: readonly Join[];
  tasks: readonly UserTask[];
  jobs: readonly Job[];
  unseen: readonly ActivityInstance[];
  nameOf: (elementId: string) => string;
  mayOpenTasks: boolean;
  mayWork: boolean;
  onChanged: () => void;
  onSelect: (elementId: string) => void;
}

/** Tasks and jobs are shown by what is known of them beside. */
const told = ["user_task", "job"];

export function Waiting({ waiting, joins, tasks, jobs, unseen, nameOf, mayOpenTasks, mayWork, onChanged, onSelect }: Props) {
  const others = waiting.filter((one) => !told.includes(one.kind));
  if (others.length + joins.length + tasks.length + jobs.length + unseen.length === 0) return null;
  return (
    <section class="card" aria-labelledby="waiting-title">
      <div class="card-head">
        <h2 id="waiting-title">{t("operate.waiting")}</h2>
      </div>
      <ul class="waiting">
        {tasks.map((task) => (
          <li key={task.id}>
            <Icon name="user" />
            <div class="grow">
              {mayOpenTasks ? (
                <a href={`/inbox/${encodeURIComponent(task.id)}?view=all`}>{task.name}</a>
              ) : (
                <button type="button" class="timeline-name" onClick={() => onSelect(task.element_id)}>{task.name}</button>
              )}
              <p class="muted">
                {taskWords(task)} · <time dateTime={task.created_at} title={moment(task.created_at)}>{ago(task.created_at)}</time>
              </p>
            </div>
          </li>
        ))}
        {jobs.map((job) => (
          <li key={job.id} class={job.state === "failed" ? "waiting-failed" : undefined}>
            <Icon name={job.state === "failed" ? "error" : job.state === "locked" ? "lock" : "clock"} />
            <div class="grow">
              <button type="button" class="timeline-name" onClick={() => onSelect(job.element_id)}>{nameOf(job.element_id)}</button>
              <p class="muted">{jobWords(job)}</p>
              {job.error_message && job.state !== "failed" && (
                <p class="waiting-error">{t("operate.job.last-error", { message: job.error_message })}</p>
              )}
            </div>
          </li>
        ))}
        {unseen.map((activity) => (
          <li key={activity.id}>
            <Icon name={activity.kind === "user_task" ? "user" : "clock"} />
            <div class="grow">
              <button type="button" class="timeline-name" onClick={() => onSelect(activity.element_id)}>
                {nameOf(activity.element_id)}
              </button>
              <p class="muted">{t(activity.kind === "user_task" ? "operate.task.somebody" : "operate.job.something")}</p>
            </div>
          </li>
        ))}
        {others.map((one) => (
          <li key={`${one.kind} ${one.id}`}>
            <Icon name={signs[one.kind]} />
            <div class="grow">
              <button type="button" class="timeline-name" onClick={() => onSelect(one.element_id)}>
                {one.element_name || nameOf(one.element_id)}
              </button>
              <Awaited what={one} />
              {one.kind === "ad_hoc" && mayWork && <AdHoc what={one} nameOf={nameOf} onChanged={onChanged} />}
            </div>
          </li>
        ))}
        {joins.map((join) => (
          <li key={`${join.element_id} ${join.scope_id}`}>
            <Icon name="filter" />
            <div class="grow">
              <button type="button" class="timeline-name" onClick={() => onSelect(join.element_id)}>
                {join.element_name || nameOf(join.element_id)}
              </button>
              <ul class="join-flows">
                {join.flows.map((flow) => (
                  <li key={flow.flow_id} data-arrived={flow.arrived > 0}>
                    <Icon name={flow.arrived > 0 ? "check" : "clock"} />
                    {flow.arrived > 0
                      ? t("operate.join.arrived", { name: flow.source_name || flow.source_id })
                      : t("operate.join.missing", { name: flow.source_name || flow.source_id })}
                    {flow.arrived > 1 && <span class="count">{flow.arrived}</span>}
                  </li>
                ))}
              </ul>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

const signs: Record<WaitingKind, IconName> = {
  user_task: "user",
  job: "clock",
  timer: "clock",
  message: "mail",
  signal: "signal",
  call: "external",
  ad_hoc: "user",
};

function Awaited({ what }: { what: WaitingRecord }) {
  const name = what.name ?? "";
  switch (what.kind) {
    case "timer":
      return <p class="muted">{what.due_at && <Due at={what.due_at} />}</p>;
    case "message": {
      const keys = Object.entries(what.keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
      return (
        <p class="muted">
          {keys.length > 0 ? t("operate.wait.message.keys", { name, keys: keys.join(", ") }) : t("operate.wait.message", { name })}
        </p>
      );
    }
    case "signal":
      return <p class="muted">{t("operate.wait.signal", { name })}</p>;
    case "call":
      return (
        <p class="muted">
          {what.called_instance_id ? (
            <>
              {t("operate.wait.call")}{" "}
              <a href={`/operate/${encodeURIComponent(what.called_instance_id)}`}>{t("operate.wait.call.instance", { name })}</a>
            </>
          ) : (
            t("operate.wait.call.starting", { name })
          )}
        </p>
      );
    default:
      return <p class="muted">{t("operate.wait.ad_hoc")}</p>;
  }
}

function Due({ at }: { at: string }) {
  const over = Date.parse(at) <= now.value;
  return (
    <time dateTime={at} title={moment(at)}>
      {over ? t("operate.wait.timer.now") : t("operate.wait.timer", { time: `${ago(at)}, ${moment(at)}` })}
    </time>
  );
}

/** What can be started in an ad-hoc sub-process, and the word that it is done. */
function AdHoc({ what, nameOf, onChanged }: { what: WaitingRecord; nameOf: Props["nameOf"]; onChanged: () => void }) {
  const [busy, setBusy] = useState(false);
  const path = `/ad-hoc/${encodeURIComponent(what.id)}`;
  const act = async (verb: "start" | "complete", sent: object, said: string | null) => {
    setBusy(true);
    try {
      await post(`${path}/${verb}`, sent);
      if (said) toast({ kind: "success", text: said });
    } catch (fault) {
      toastFailure(t("operate.ad-hoc.failed"), fault);
    } finally {
      setBusy(false);
      onChanged();
    }
  };
  const done = async () => {
    const title = t("operate.ad-hoc.done.title", { name: what.element_name || nameOf(what.element_id) });
    const answer = await ask({ title, text: t("operate.ad-hoc.done.words"), yes: t("operate.ad-hoc.done") });
    if (answer === "yes") await act("complete", {}, null);
  };
  return (
    <div class="ad-hoc">
      {what.startable.map((element) => (
        <button
          key={element}
          type="button"
          class="button button-small"
          disabled={busy}
          onClick={() => void act("start", { element_id: element }, t("operate.ad-hoc.started", { name: nameOf(element) }))}
        >
          <Icon name="play" />
          {t("operate.ad-hoc.start", { name: nameOf(element) })}
        </button>
      ))}
      <button type="button" class="button button-quiet button-small" disabled={busy} onClick={() => void done()}>
        <Icon name="check" />
        {t("operate.ad-hoc.done")}
      </button>
    </div>
  );
}

function taskWords(task: UserTask): string {
  if (task.assignee) return t("operate.task.with", { name: task.assignee });
  const offered = [...task.candidate_groups, ...task.candidate_users];
  return offered.length > 0 ? t("operate.task.offered", { names: offered.join(", ") }) : t("operate.task.anybody");
}

function jobWords(job: Job): string {
  const given = { topic: job.topic, worker: job.worker_id ?? "", retries: job.retries };
  if (job.state === "failed") return t("operate.job.failed", given);
  if (job.state === "locked") return t("operate.job.locked", given);
  if (job.due_at && Date.parse(job.due_at) > Date.now()) return t("operate.job.later", { ...given, time: moment(job.due_at) });
  return t("operate.job.available", given);
}
