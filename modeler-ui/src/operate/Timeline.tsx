// The history of an instance: one row for each activity instance, with the span it took and what a gateway decided.

import { useMemo, useState } from "preact/hooks";
import { foldedAway, type Repetition, repetitions, runNumbers } from "../diagram/repetition";
import type { DrawnElement } from "../diagram/words";
import type { ActivityInstance, Json } from "../records";
import { Icon } from "../shell/icons";
import { counted, t } from "../words";
import { kindText } from "../words/kinds";
import { moment } from "../words/times";
import { duration, now } from "./durations";
import { depths, type History, nested, spans } from "./history";

const SHOWN_AT_FIRST = 200;
const MANY_RUNS = 5;

interface Props {
  history: History;
  drawn: Map<string, DrawnElement>;
  selected: string | null;
  onSelect: (elementId: string | null) => void;
}

export function Timeline({ history, drawn, selected, onSelect }: Props) {
  const [all, setAll] = useState(false);
  const [turned, setTurned] = useState<ReadonlySet<number>>(new Set());
  const depth = useMemo(() => depths(history.items), [history]);
  const ordered = useMemo(() => nested(history.items), [history]);
  const bodies = useMemo(() => repetitions(history.items), [history]);
  const numbers = useMemo(() => runNumbers(bodies), [bodies]);
  const span = spans(history.items, now.value);
  // Many runs are folded at first, few are not; each can be turned the other way.
  const folded = new Set([...bodies].filter(([id, { runs }]) => runs.length > MANY_RUNS !== turned.has(id)).map(([id]) => id));
  const listed = selected ? history.items.filter((one) => one.element_id === selected) : ordered;
  const hidden = foldedAway(listed, folded);
  const wanted = listed.filter((one) => !hidden.has(one.id));
  const turn = (id: number) => setTurned(new Set(turned.has(id) ? [...turned].filter((one) => one !== id) : [...turned, id]));
  const shown = all ? wanted : wanted.slice(-SHOWN_AT_FIRST);

  return (
    <div class="timeline">
      {selected && (
        <p class="timeline-only">
          <span class="chip chip-accent">{t("operate.history.only", { name: drawn.get(selected)?.name ?? selected })}</span>
          <button type="button" class="button button-quiet button-small" onClick={() => onSelect(null)}>
            {t("operate.history.everything")}
          </button>
        </p>
      )}
      {shown.length < wanted.length && (
        <button type="button" class="button button-small" onClick={() => setAll(true)}>
          {t("operate.history.earlier", { count: wanted.length - shown.length })}
        </button>
      )}
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{t("operate.history.activity")}</th>
            <th scope="col">{t("operate.state")}</th>
            <th scope="col" class="timeline-start">{t("operate.history.started")}</th>
            <th scope="col" class="number timeline-took">{t("operate.history.took")}</th>
            <th scope="col" class="timeline-bar"><span class="visually-hidden">{t("operate.history.span")}</span></th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <tr key={one.id} aria-selected={one.element_id === selected}>
              <td>
                <div style={{ paddingInlineStart: `${(depth.get(one.id) ?? 0) * 18}px` }}>
                  <button type="button" class="timeline-name" onClick={() => onSelect(one.element_id)}>
                    {named(one, drawn) ?? kindText(one.kind)}
                  </button>
                  {numbers.has(one.id) ? (
                    <span class="timeline-kind">{t("operate.run", { number: numbers.get(one.id)! })}</span>
                  ) : (
                    named(one, drawn) && <span class="timeline-kind">{kindText(one.kind)}</span>
                  )}
                  <Undoes activity={one} drawn={drawn} />
                  {bodies.has(one.id) && (
                    <Runs repetition={bodies.get(one.id)!} folded={folded.has(one.id)} onTurn={() => turn(one.id)} />
                  )}
                  <Decision activity={one} drawn={drawn} />
                </div>
              </td>
              <td>
                <ActivityState state={one.state} />
              </td>
              <td class="timeline-start">
                <time dateTime={one.started_at}>{moment(one.started_at)}</time>
              </td>
              <td class="number timeline-took">{took(one)}</td>
              <td class="timeline-bar" aria-hidden="true">
                <div class="spans">
                  <span
                    class={`span span-${one.state}`}
                    style={{ insetInlineStart: `${span.get(one.id)?.left ?? 0}%`, width: `${span.get(one.id)?.width ?? 0}%` }}
                  />
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {history.cut && <p class="muted timeline-cut">{t("operate.history.cut", { count: history.items.length })}</p>}
    </div>
  );
}

/** An activity that runs several times: how often so far, and its runs to be seen or not. */
function Runs({ repetition, folded, onTurn }: { repetition: Repetition<ActivityInstance>; folded: boolean; onTurn: () => void }) {
  const { runs, done, running } = repetition;
  const parts = [
    counted("operate.runs", runs.length),
    t("operate.runs.done", { done }),
    ...(running > 0 ? [t("operate.runs.running", { running })] : []),
  ];
  return (
    <p class="runs">
      <Icon name="refresh" />
      <span>{parts.join(" · ")}</span>
      <button type="button" class="button button-quiet button-small" aria-expanded={!folded} onClick={onTurn}>
        {t(folded ? "operate.runs.show" : "operate.runs.hide")}
      </button>
    </p>
  );
}

/** A compensation handler says what it undoes. */
function Undoes({ activity, drawn }: { activity: ActivityInstance; drawn: Map<string, DrawnElement> }) {
  const undone = drawn.get(activity.element_id)?.undoes;
  if (!undone) return null;
  return (
    <p class="runs">
      <Icon name="undo" />
      <span>{t("operate.undoes", { name: drawn.get(undone)?.name ?? undone })}</span>
    </p>
  );
}

function named(activity: ActivityInstance, drawn: Map<string, DrawnElement>): string | null {
  return activity.element_name || (drawn.get(activity.element_id)?.name ?? null);
}

function took(activity: ActivityInstance): string {
  return duration((activity.ended_at ? Date.parse(activity.ended_at) : now.value) - Date.parse(activity.started_at));
}

function ActivityState({ state }: { state: ActivityInstance["state"] }) {
  const look = { active: "chip-accent", completed: "chip-success", cancelled: "", failed: "chip-danger" }[state];
  return (
    <span class={`chip ${look}`}>
      {state === "failed" && <Icon name="error" />}
      {t(`operate.activity.${state}`)}
    </span>
  );
}

/** "took “large” because amount > 100, with amount = 250" */
function Decision({ activity, drawn }: { activity: ActivityInstance; drawn: Map<string, DrawnElement> }) {
  const { detail } = activity;
  const flowId = detail?.["flow_id"];
  if (typeof flowId !== "string") return null;
  const flow = drawn.get(flowId);
  const target = flow?.target ? drawn.get(flow.target) : undefined;
  const name = flow?.name ?? target?.name ?? flowId;
  const condition = typeof detail?.["condition"] === "string" ? detail["condition"] : null;
  const values = valuesOf(detail?.["values"] ?? null);
  return (
    <p class="decision">
      <Icon name="right" />
      <span>
        {condition ? t("operate.decision.because", { name }) : t("operate.decision.default", { name })}{" "}
        {condition && <code>{condition}</code>}
        {values.length > 0 && <> {t("operate.decision.with")} </>}
        {values.map(([variable, value], index) => (
          <code key={variable}>
            {index > 0 && ", "}
            {variable} = {value}
          </code>
        ))}
      </span>
    </p>
  );
}

function valuesOf(values: Json): [string, string][] {
  if (values === null || typeof values !== "object" || Array.isArray(values)) return [];
  return Object.entries(values).map(([name, value]) => {
    const text = JSON.stringify(value);
    return [name, text.length > 80 ? `${text.slice(0, 80)}…` : text];
  });
}
