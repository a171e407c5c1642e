// One process instance: live on its diagram, what it waits for, what it knows, and how it got there.

import { useEffect, useMemo, useState } from "preact/hooks";
import { Diagram } from "../diagram/Diagram";
import { useDefinitionXml } from "../diagram/definition_xml";
import { instanceMarks, type MarkWords, noMarks } from "../diagram/marks";
import { repetitions, runNumbers } from "../diagram/repetition";
import { type DrawnElement, drawnElements } from "../diagram/words";
import { useLiveRecord } from "../live_record";
import type { ActivityInstance, ProcessInstance } from "../records";
import { Icon } from "../shell/icons";
import { has } from "../shell/session";
import { t } from "../words";
import { kindText } from "../words/kinds";
import { problemText } from "../words/problems";
import { ago, moment } from "../words/times";
import { Actions } from "./Actions";
import { Called } from "./Called";
import { HistoryReader } from "./history";
import { Incidents } from "./Incidents";
import { readInstance, type Snapshot } from "./instance";
import { StateChip } from "./StateChip";
import { Timeline } from "./Timeline";
import { Variables } from "./Variables";
import { Waiting } from "./Waiting";

export function InstanceView({ id }: { id: string }) {
  const reader = useMemo(() => new HistoryReader(id), [id]);
  const record = useLiveRecord<Snapshot>(id, (signal) => readInstance(id, reader, signal), [`instance:${id}`]);
  if (record.data) return <Shown snapshot={record.data} reload={() => void record.reload()} />;
  if (record.problem) {
    const missing = record.problem.status === 404;
    return (
      <div class="empty place-empty" role="alert">
        <Icon name="search" />
        <h2>{missing ? t("operate.gone") : t("operate.unavailable")}</h2>
        <p>{missing ? t("operate.gone-words") : problemText(record.problem)}</p>
        <div class="row">
          <a class="button" href="/operate">{t("operate.back")}</a>
        </div>
      </div>
    );
  }
  return (
    <div class="place-loading" aria-busy="true">
      <span class="spinner" />
    </div>
  );
}

const markWords: MarkWords = {
  waits: (names) => t("operate.waits", { names: names.join(", ") }),
  due: (time) => t("operate.due", { time: ago(time) }),
  repeated: (done, begun) => t("operate.repeated", { done, begun }),
};

function Shown({ snapshot, reload }: { snapshot: Snapshot; reload: () => void }) {
  const { instance, history, variables, incidents, tasks, jobs, waiting, called } = snapshot;
  const [selected, setSelected] = useState<string | null>(null);
  const { xml, refused } = useDefinitionXml(instance.definition_id);
  const drawn = useMemo(() => (xml ? drawnElements(xml) : new Map<string, DrawnElement>()), [xml]);
  const marks = useMemo(
    () => (xml ? instanceMarks(history, incidents, markWords, waiting) : noMarks()),
    [xml, history, incidents, waiting],
  );
  const mayOperate = has("operator");

  useEffect(() => {
    const clear = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) setSelected(null);
    };
    document.addEventListener("keydown", clear);
    return () => document.removeEventListener("keydown", clear);
  }, []);

  const nameOf = (elementId: string): string => {
    const element = drawn.get(elementId);
    const activity = history.items.find((one) => one.element_id === elementId);
    const kind = activity?.kind ?? element?.kind;
    return element?.name ?? activity?.element_name ?? (kind ? kindText(kind) : elementId);
  };
  // The variables of one run belong to its activity instance, whose number its scope has.
  const runs = useMemo(() => runNumbers(repetitions(history.items)), [history]);
  const placed = useMemo(() => {
    const elements = new Map(history.items.map((one) => [one.id, one.element_id]));
    return variables.map((one) => ({ ...one, scope_element_id: one.scope_element_id ?? elements.get(one.scope_id) ?? null }));
  }, [variables, history]);
  const here = [...marks.tokens.keys()].map(nameOf);
  const label = here.length > 0 ? t("operate.diagram.at", { names: here.join(", ") }) : t("operate.diagram.nowhere");

  return (
    <div class="instance">
      <Head instance={instance} mayOperate={mayOperate} reload={reload} />
      <div class="instance-body">
        <div class="instance-main">
          <section class="instance-diagram" aria-label={t("operate.diagram")}>
            {refused ? (
              <div class="empty"><p>{t("operate.diagram.refused")}</p></div>
            ) : (
              <Diagram
                xml={xml}
                marks={marks}
                label={label}
                selected={selected}
                onSelect={(element) => setSelected(element === selected ? null : element)}
              />
            )}
          </section>
          <section class="instance-history" aria-labelledby="history-title">
            <h2 id="history-title">{t("operate.history")}</h2>
            <Timeline history={history} drawn={drawn} selected={selected} onSelect={setSelected} />
          </section>
        </div>
        <div class="instance-side">
          <Incidents
            incidents={incidents}
            nameOf={nameOf}
            mayRetry={mayOperate}
            suspended={instance.state === "suspended"}
            onSelect={setSelected}
            onChanged={reload}
          />
          <Waiting
            waiting={waiting}
            joins={history.joins}
            tasks={tasks}
            jobs={jobs}
            unseen={unseenWork(snapshot)}
            nameOf={nameOf}
            mayOpenTasks={has("participant", "operator")}
            mayWork={has("participant", "operator") && instance.state === "active"}
            onChanged={reload}
            onSelect={setSelected}
          />
          <Called called={called} nameOf={nameOf} />
          {instance.ended_at && (
            <p class={`banner ${instance.state === "failed" ? "banner-danger" : "banner-success"} instance-ended`}>
              <Icon name={instance.state === "failed" ? "error" : "check"} />
              <span title={moment(instance.ended_at)}>
                {t(`operate.was-${ended(instance)}`, { time: ago(instance.ended_at) })}
              </span>
            </p>
          )}
          <Variables
            instanceId={instance.id}
            variables={placed}
            scopeName={(element, scope) => {
              const run = runs.get(scope);
              if (!element) return t("operate.variables.root");
              return run ? t("operate.variables.run", { name: nameOf(element), run: t("operate.run", { number: run }) }) : nameOf(element);
            }}
            mayEdit={mayOperate && instance.ended_at === null}
            onChanged={reload}
          />
        </div>
      </div>
    </div>
  );
}

function ended({ state }: ProcessInstance): "cancelled" | "failed" | "completed" {
  return state === "cancelled" || state === "failed" ? state : "completed";
}

/** Active work whose task or job the person may not see: its place is known all the same. */
function unseenWork({ history, tasks, jobs }: Snapshot): ActivityInstance[] {
  const bodies = repetitions(history.items);
  const seen = new Set([...tasks, ...jobs].map((one) => one.element_id));
  return history.items.filter(
    (one) => one.state === "active" && /^(user|service|business_rule)_task$/.test(one.kind) && !bodies.has(one.id) && !seen.has(one.element_id),
  );
}

interface HeadProps {
  instance: ProcessInstance;
  mayOperate: boolean;
  reload: () => void;
}

function Head({ instance, mayOperate, reload }: HeadProps) {
  return (
    <header class="instance-head">
      <a class="button button-quiet button-icon" href="/operate" aria-label={t("operate.back")}>
        <Icon name="left" />
      </a>
      <div class="grow">
        <h1>
          {instance.definition_name || instance.definition_key}
          {instance.business_key && <span class="instance-key"> {instance.business_key}</span>}
        </h1>
        <p class="instance-facts">
          <span>{t("operate.version", { version: instance.definition_version })}</span>
          <span title={moment(instance.started_at)}>
            {t("operate.started-line", { time: ago(instance.started_at), name: instance.started_by })}
          </span>
          {instance.parent_id && (
            <a href={`/operate/${encodeURIComponent(instance.parent_id)}`}>
              {t("operate.called-by")}
            </a>
          )}
          <code class="instance-id" title={t("operate.instance-id")}>{instance.id}</code>
        </p>
      </div>
      <span role="status" class="instance-state">
        <StateChip state={instance.state} />
      </span>
      {mayOperate && <Actions instance={instance} onChanged={reload} />}
    </header>
  );
}
