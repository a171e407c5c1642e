// What an instance waits for: people, machines, and the other inputs of a join.

import type { ActivityInstance, Job, Join, UserTask } from "../records";
import { Icon } from "../shell/icons";
import { t } from "../words";
import { ago, moment } from "../words/times";

interface Props {
  joins: readonly Join[];
  tasks: readonly UserTask[];
  jobs: readonly Job[];
  unseen: readonly ActivityInstance[];
  nameOf: (elementId: string) => string;
  mayOpenTasks: boolean;
  onSelect: (elementId: string) => void;
}

export function Waiting({ joins, tasks, jobs, unseen, nameOf, mayOpenTasks, onSelect }: Props) {
  if (joins.length + tasks.length + jobs.length + unseen.length === 0) return null;
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
