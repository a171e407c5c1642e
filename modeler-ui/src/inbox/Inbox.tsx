// Inbox: the list of tasks, the task in hand, and where it stands. All of it follows the live stream.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get } from "../http";
import { useLiveRecord } from "../live_record";
import { usePagedList } from "../paged_list";
import type { UserTask, UserTaskCounts } from "../records";
import { Icon } from "../shell/icons";
import { navigate, query, route, setQuery } from "../shell/router";
import { has, user } from "../shell/session";
import { useShortcuts } from "../shell/shortcuts";
import { counted, t } from "../words";
import { problemText } from "../words/problems";
import { filtersOf, matches, taskAddress, taskQuery, type View, views } from "./filters";
import { arrange, neighbour, type Row, stepped } from "./rows";
import { TaskContext } from "./TaskContext";
import { TaskDetail } from "./TaskDetail";
import { TaskList } from "./TaskList";
import "./inbox.css";

export default function Inbox() {
  const me = user.value?.name ?? "";
  const filters = filtersOf(query.value);
  const selected = route.value.place === "inbox" ? route.value.id : null;
  const mayOperate = has("operator", "analyst");

  const list = usePagedList<UserTask>("/user-tasks", taskQuery(filters), ["tasks"]);
  const counts = useLiveRecord<UserTaskCounts>("counts", (signal) => get("/user-tasks/count", {}, signal), ["tasks"]);
  const detail = useLiveRecord<UserTask>(
    selected,
    (signal) => get<UserTask>(`/user-tasks/${encodeURIComponent(selected ?? "")}`, {}, signal),
    selected ? ["tasks", `instance:${selected.slice(0, selected.lastIndexOf("."))}`] : [],
  );

  const task = detail.data?.id === selected ? detail.data : undefined;
  const [turn, setTurn] = useState(0);
  const rows = useRows(`${turn} ${JSON.stringify(taskQuery(filters))}`, list.data?.items, selected, task);
  const shown = rows.filter((row) => row.task.id === selected || matches(row.task, filters.search));
  const fresh = shown.filter((row) => row.fresh).length;
  const [moved, setMoved] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const enterForm = useRef(false);
  const claimShown = useRef<(() => void) | null>(null);
  const claimAtOnce = useRef<string | null>(null);

  // The form takes the focus once the task that was entered by the keyboard is there.
  useEffect(() => {
    if (task) claimAtOnce.current = null;
    if (!task || !enterForm.current) return;
    enterForm.current = false;
    focusForm();
  }, [task?.id]);

  function open(id: string | null, byKeyboard: boolean): void {
    void navigate(taskAddress(id, query.value));
    if (byKeyboard) setMoved((times) => times + 1);
  }

  function enter(id: string): void {
    if (id === selected && task) return focusForm();
    enterForm.current = true;
    open(id, false);
  }

  /** New rows stand at the end while a task is in hand; this brings the list into its own order. */
  function settle(): void {
    setTurn((before) => before + 1);
    scroller.current?.scrollTo({ top: 0 });
  }

  /** Fingers are faster than the network: a claim that comes before its task is kept for it. */
  function claim(): void {
    if (claimShown.current) claimShown.current();
    else claimAtOnce.current = selected;
  }

  function show(view: View): void {
    const next = new URLSearchParams(query.value);
    if (view === "mine") next.delete("view");
    else next.set("view", view);
    void navigate(taskAddress(null, next));
  }

  useShortcuts("inbox.title", [
    { keys: "j", words: "inbox.next", run: () => open(stepped(shown, selected, 1), true) },
    { keys: "k", words: "inbox.previous", run: () => open(stepped(shown, selected, -1), true) },
    { keys: "/", words: "inbox.search", run: () => document.getElementById("inbox-search")?.focus() },
    { keys: "c", words: "inbox.claim", run: claim },
  ]);

  const numbers: Partial<Record<View, number>> = { ...counts.data };
  return (
    <div class="inbox" data-open={selected !== null}>
      <section class="pane inbox-list" aria-labelledby="inbox-title">
        <h1 id="inbox-title" class="visually-hidden">{t("inbox.title")}</h1>
        <nav class="bar inbox-views" aria-label={t("inbox.views")}>
          <div class="tabs">
            {views.map((view) => (
              <button
                key={view}
                type="button"
                class="tab"
                aria-current={view === filters.view ? "true" : undefined}
                onClick={() => show(view)}
              >
                {t(`inbox.view.${view}`)}
                <Count number={numbers[view]} loaded={view === filters.view ? list.items.length : null} more={list.hasMore} />
              </button>
            ))}
          </div>
        </nav>
        <div class="inbox-filters">
          <input
            id="inbox-search"
            class="input"
            type="search"
            aria-label={t("inbox.search")}
            placeholder={t("inbox.search")}
            value={filters.search}
            onInput={(event) => setQuery({ q: event.currentTarget.value })}
          />
          <ProcessFilter tasks={list.items} chosen={filters.process} />
        </div>
        <div class="scroll grow" ref={scroller}>
          <div class="inbox-fresh" role="status">
            {fresh > 0 && (
              <button type="button" class="button button-small" onClick={settle}>
                <Icon name="up" />
                {counted("inbox.fresh", fresh)}
              </button>
            )}
          </div>
          {list.problem && !list.data ? (
            <div class="empty" role="alert">
              <Icon name="error" />
              <p>{problemText(list.problem)}</p>
            </div>
          ) : list.loading ? (
            <Skeletons />
          ) : shown.length === 0 ? (
            <Nothing view={filters.view} filtered={Boolean(filters.search || filters.process)} counts={counts.data} show={show} />
          ) : (
            <TaskList rows={shown} selected={selected} me={me} moved={moved} onEnter={enter} />
          )}
          {list.hasMore && (
            <div class="inbox-more">
              <button type="button" class="button" disabled={list.loadingMore} onClick={list.more}>
                {t("inbox.more")}
              </button>
            </div>
          )}
        </div>
      </section>

      <section class="pane inbox-task" aria-label={t("inbox.task")}>
        {selected && (
          <div class="inbox-back">
            <a class="button button-quiet" href={taskAddress(null, query.value)}>
              <Icon name="left" />
              {t("inbox.back")}
            </a>
          </div>
        )}
        {task ? (
          <div class="inbox-work scroll">
            <TaskDetail
              key={task.id}
              task={task}
              me={me}
              groups={user.value?.groups ?? []}
              mayAssign={has("operator")}
              claimShown={claimShown}
              claimAtOnce={claimAtOnce.current === task.id}
              onChanged={(changed) => {
                detail.show(changed);
                void list.reload();
                void counts.reload();
              }}
              onCompleted={(done) => {
                const next = neighbour(shown, done.id);
                open(next === done.id ? null : next, true);
                void list.reload();
                void counts.reload();
              }}
              onStale={async () => {
                await Promise.all([detail.reload(), list.reload()]);
              }}
            />
            <TaskContext key={`${task.id} context`} task={task} mayOperate={mayOperate} />
          </div>
        ) : selected && detail.problem ? (
          <div class="empty" role="alert">
            <Icon name="search" />
            <h2>{detail.problem.status === 404 ? t("inbox.gone") : t("inbox.unavailable")}</h2>
            <p>{detail.problem.status === 404 ? t("inbox.gone-words") : problemText(detail.problem)}</p>
          </div>
        ) : selected ? (
          <div class="place-loading" aria-busy="true">
            <span class="spinner" />
          </div>
        ) : (
          <div class="empty inbox-hint">
            <Icon name="inbox" />
            <h2>{t("inbox.none-chosen")}</h2>
            <p>
              <kbd>J</kbd> <kbd>K</kbd> {t("inbox.hint.move")} · <kbd>↵</kbd> {t("inbox.hint.enter")} · <kbd>C</kbd>{" "}
              {t("inbox.hint.claim")}
            </p>
          </div>
        )}
      </section>
    </div>
  );
}

function focusForm(): void {
  const first = document.querySelector<HTMLElement>(
    ".task-form :is(input:not([type=radio]), input[type=radio]:checked, select, textarea):not(:disabled), .task-form input:not(:disabled), .task-form button",
  );
  (first ?? document.getElementById("task-title"))?.focus();
}

/** The rows in an order that does not move under the person's eyes. */
function useRows(key: string, fetched: UserTask[] | undefined, selected: string | null, task: UserTask | undefined): Row[] {
  const before = useRef<{ key: string; rows: Row[] }>({ key, rows: [] });
  return useMemo(() => {
    if (before.current.key !== key) before.current = { key, rows: [] };
    if (!fetched) return before.current.rows;
    const inHand = selected ? (task ?? fetched.find((one) => one.id === selected) ?? null) : null;
    const rows = arrange(before.current.rows, fetched, inHand);
    before.current = { key, rows };
    return rows;
  }, [key, fetched, selected, task]);
}

interface CountProps {
  number: number | undefined;
  loaded: number | null;
  more: boolean;
}

function Count({ number, loaded, more }: CountProps) {
  const words = number !== undefined ? String(number) : loaded !== null ? `${loaded}${more ? "+" : ""}` : null;
  return words === null ? null : <span class="count">{words}</span>;
}

function ProcessFilter({ tasks, chosen }: { tasks: readonly UserTask[]; chosen: string }) {
  const names = new Map(tasks.map((task) => [task.definition_key, task.definition_name || task.definition_key]));
  if (chosen && !names.has(chosen)) names.set(chosen, chosen);
  if (names.size < 2 && !chosen) return null;
  return (
    <select
      class="select"
      aria-label={t("inbox.process")}
      value={chosen}
      onChange={(event) => setQuery({ process: event.currentTarget.value })}
    >
      <option value="">{t("inbox.every-process")}</option>
      {[...names].sort((a, b) => a[1].localeCompare(b[1])).map(([key, name]) => (
        <option key={key} value={key}>
          {name}
        </option>
      ))}
    </select>
  );
}

interface NothingProps {
  view: View;
  filtered: boolean;
  counts: UserTaskCounts | undefined;
  show: (view: View) => void;
}

function Nothing({ view, filtered, counts, show }: NothingProps) {
  if (filtered) {
    return (
      <div class="empty">
        <Icon name="search" />
        <h2>{t("inbox.nothing-found")}</h2>
        <div class="row">
          <button type="button" class="button" onClick={() => setQuery({ q: null, process: null })}>
            {t("inbox.clear-filters")}
          </button>
        </div>
      </div>
    );
  }
  const claimable = counts?.claimable ?? 0;
  return (
    <div class="empty">
      <Icon name={view === "done" ? "inbox" : "check"} />
      <h2>{t(`inbox.empty.${view}`)}</h2>
      <p>{t(`inbox.empty-words.${view}`)}</p>
      {view === "mine" && claimable > 0 && (
        <div class="row">
          <button type="button" class="button button-primary" onClick={() => show("claimable")}>
            {t("inbox.see-claimable", { count: claimable })}
          </button>
        </div>
      )}
    </div>
  );
}

function Skeletons() {
  return (
    <div class="inbox-skeletons" aria-busy="true">
      {[70, 55, 80, 60].map((width) => (
        <div key={width}>
          <div class="skeleton" style={{ width: `${width}%` }} />
          <div class="skeleton" style={{ width: "40%" }} />
        </div>
      ))}
    </div>
  );
}
