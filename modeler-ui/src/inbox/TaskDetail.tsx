// One task: what is asked, by which process, since when; claim it, fill it in, complete it.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { post, Problem } from "../http";
import type { UserTask } from "../records";
import { useShortcuts } from "../shell/shortcuts";
import { toast } from "../shell/toasts";
import { t } from "../words";
import { problemText } from "../words/problems";
import { ago, moment } from "../words/times";
import { AssignDialog } from "./AssignDialog";
import { Fields } from "./Fields";
import { type Answers, type FieldFault, faultsOf, initialAnswers, serverFaults, variablesOf } from "./fields";

/** What people typed and have not sent yet survives looking at another task. */
const unsent = new Map<string, Answers>();

type Busy = "claim" | "unclaim" | "complete" | null;

interface Props {
  task: UserTask;
  me: string;
  groups: readonly string[];
  /** May give any task to anybody. */
  mayAssign: boolean;
  /** Where others find how to claim this task. */
  claimShown: { current: (() => void) | null };
  /** The person has asked for the claim before the task was there. */
  claimAtOnce: boolean;
  onChanged: (task: UserTask) => void;
  onCompleted: (task: UserTask) => void;
  onStale: () => Promise<void>;
}

export function TaskDetail(props: Props) {
  const { task, me, groups, mayAssign, claimShown, claimAtOnce, onChanged, onCompleted, onStale } = props;
  const variables = task.variables ?? {};
  const [answers, setAnswers] = useState<Answers>(() => unsent.get(task.id) ?? {});
  const [faults, setFaults] = useState<Map<string, string>>(new Map());
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState<Busy>(null);
  const [assigning, setAssigning] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const running = useRef<Busy>(null);
  const wanted = useRef(false);

  const mine = task.assignee === me;
  const free = task.assignee === null;
  const open = task.state === "open" && !task.suspended;
  const offered = free && isOffered(task, me, groups);
  const mayWork = open && (mine || offered);
  // Values that change while the task is open show through, but never over what somebody has typed.
  const shown: Answers = { ...initialAnswers(task.fields, variables), ...answers };

  useEffect(() => {
    if (faults.size === 0) return;
    const first = task.fields.find((field) => faults.has(field.name));
    if (first) form.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(first.name)}"] :is(input, select, textarea)`)?.focus();
  }, [faults]);

  function answer(name: string, value: string | boolean): void {
    const next = { ...answers, [name]: value };
    unsent.set(task.id, next);
    setAnswers(next);
    if (faults.has(name)) {
      const left = new Map(faults);
      left.delete(name);
      setFaults(left);
    }
  }

  /** One call at a time, whatever keys are pressed. Who completes while the claim is on its way need not ask twice. */
  async function work(what: Exclude<Busy, null>, call: () => Promise<void>): Promise<void> {
    if (running.current !== null) {
      wanted.current = running.current === "claim" && what === "complete";
      return;
    }
    running.current = what;
    setBusy(what);
    setRefusal(null);
    try {
      await call();
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      await refused(fault);
    } finally {
      running.current = null;
      setBusy(null);
    }
  }

  async function refused(problem: Problem): Promise<void> {
    const { byField, others } = serverFaults(task.fields, problem.errors);
    setFaults(byField);
    if (problem.code === "already_claimed") {
      const winner = String(problem.extra["assignee"] ?? t("inbox.somebody"));
      setRefusal(t("inbox.taken", { name: winner }));
      onChanged({ ...task, assignee: winner });
    } else if (others.length > 0) {
      setRefusal(others.join(" "));
    } else if (byField.size === 0) {
      setRefusal(problemText(problem));
    }
    if (problem.status === 404 || problem.status === 409) await onStale();
  }

  function claim(): void {
    if (!open || !offered) return;
    // Shown as mine at once; the server's answer or refusal replaces it.
    onChanged({ ...task, assignee: me });
    void work("claim", async () => {
      try {
        onChanged(withVariables(await post<UserTask>(`/user-tasks/${encodeURIComponent(task.id)}/claim`), task));
      } catch (fault) {
        onChanged(task); // not mine after all
        throw fault;
      }
    });
  }

  useLayoutEffect(() => {
    claimShown.current = claim;
    return () => {
      claimShown.current = null;
    };
  });
  useLayoutEffect(() => {
    if (claimAtOnce) claim();
  }, []);

  function unclaim(): void {
    if (!open || !mine) return;
    void work("unclaim", async () => {
      onChanged(withVariables(await post<UserTask>(`/user-tasks/${encodeURIComponent(task.id)}/unclaim`), task));
    });
  }

  function complete(): void {
    if (!mayWork) return;
    const found = faultsOf(task.fields, shown);
    setFaults(new Map([...found].map(([name, fault]) => [name, faultText(fault)])));
    if (found.size > 0) return;
    void work("complete", async () => {
      const sent = { variables: variablesOf(task.fields, shown, variables) };
      const done = await post<UserTask>(`/user-tasks/${encodeURIComponent(task.id)}/complete`, sent);
      unsent.delete(task.id);
      toast({ kind: "success", text: t("inbox.completed", { name: task.name }) });
      onCompleted(done);
    });
  }

  useLayoutEffect(() => {
    if (busy !== null || !wanted.current) return;
    wanted.current = false;
    complete();
  }, [busy]);

  useShortcuts("inbox.title", [{ keys: "mod+enter", words: "inbox.complete", run: complete }]);

  return (
    <article class="task" aria-labelledby="task-title">
      <header class="task-head">
        <div class="grow">
          <p class="task-process">
            {task.definition_name || task.definition_key}
            {task.business_key && <> · {task.business_key}</>}
          </p>
          <h1 id="task-title" tabIndex={-1}>{task.name}</h1>
          <p class="task-facts">
            <State task={task} me={me} />
            <span title={moment(task.created_at)}>{ago(task.created_at)}</span>
            {task.priority !== 50 && <span>{t("inbox.priority", { priority: task.priority })}</span>}
            {task.candidate_groups.map((group) => (
              <span key={group} class="chip">{group}</span>
            ))}
          </p>
        </div>
        {open && offered && (
          <button type="button" class="button" onClick={claim} disabled={busy !== null}>
            {t("inbox.claim")} <kbd aria-hidden="true">C</kbd>
          </button>
        )}
        {open && mine && (
          <button type="button" class="button" onClick={unclaim} disabled={busy !== null}>
            {t("inbox.unclaim")}
          </button>
        )}
        {open && mayAssign && (
          <button type="button" class="button" onClick={() => setAssigning(true)} disabled={busy !== null}>
            {t("inbox.assign")}
          </button>
        )}
      </header>
      {assigning && (
        <AssignDialog
          task={task}
          me={me}
          onClose={() => setAssigning(false)}
          onAssigned={(assigned) => {
            setRefusal(null);
            onChanged(withVariables(assigned, task));
          }}
        />
      )}

      <form
        ref={form}
        class="task-form"
        noValidate
        aria-labelledby="task-title"
        onSubmit={(event) => {
          event.preventDefault();
          complete();
        }}
      >
        {task.documentation && <p class="task-words">{task.documentation}</p>}
        {refusal && (
          <div class="banner banner-danger" role="alert">
            <p>{refusal}</p>
          </div>
        )}
        <Standing task={task} me={me} offered={offered} />
        {task.state === "open" && (
          <Fields
            fields={task.fields}
            answers={shown}
            variables={variables}
            faults={faults}
            disabled={!mayWork || busy === "complete"}
            onAnswer={answer}
          />
        )}
        {task.fields.length === 0 && mayWork && <p class="muted">{t("inbox.no-fields")}</p>}
        {mayWork && (
          <div class="task-actions">
            <button type="submit" class="button button-primary" disabled={busy !== null}>
              {busy === "complete" ? t("inbox.completing") : free ? t("inbox.claim-and-complete") : t("inbox.complete")}
              <kbd aria-hidden="true">{t("inbox.complete-key")}</kbd>
            </button>
          </div>
        )}
      </form>
    </article>
  );
}

/** Whether an unclaimed task is this person's to take: by name, by a group, or because it is everybody's. */
function isOffered(task: UserTask, me: string, groups: readonly string[]): boolean {
  if (task.candidate_users.length + task.candidate_groups.length === 0) return true;
  return task.candidate_users.includes(me) || task.candidate_groups.some((group) => groups.includes(group));
}

/** A claim's answer may come without the variables that the whole task has. */
function withVariables(answered: UserTask, before: UserTask): UserTask {
  return { ...answered, variables: answered.variables ?? before.variables };
}

function faultText(fault: FieldFault): string {
  return t(`inbox.fault.${fault}`);
}

function State({ task, me }: { task: UserTask; me: string }) {
  if (task.state === "completed") return <span class="chip chip-success">{t("inbox.state.completed")}</span>;
  if (task.state === "cancelled") return <span class="chip">{t("inbox.state.cancelled")}</span>;
  if (task.suspended) return <span class="chip chip-warning">{t("inbox.state.suspended")}</span>;
  if (task.assignee === me) return <span class="chip chip-accent">{t("inbox.state.mine")}</span>;
  if (task.assignee) return <span class="chip">{task.assignee}</span>;
  return <span class="chip">{t("inbox.state.free")}</span>;
}

/** Why there is nothing to do here, where there is nothing to do. */
function Standing({ task, me, offered }: { task: UserTask; me: string; offered: boolean }) {
  let words: string | null = null;
  if (task.state === "completed") words = t("inbox.standing.completed", { name: task.completed_by ?? t("inbox.somebody") });
  else if (task.state === "cancelled") words = t("inbox.standing.cancelled");
  else if (task.suspended) words = t("inbox.standing.suspended");
  else if (task.assignee && task.assignee !== me) words = t("inbox.standing.taken", { name: task.assignee });
  else if (!task.assignee && !offered) {
    words = t("inbox.standing.others", { names: [...task.candidate_groups, ...task.candidate_users].join(", ") });
  }
  return words && (
    <div class="banner" role="status">
      <p>{words}</p>
    </div>
  );
}
