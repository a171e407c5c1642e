// The list of tasks. Rows are links; J and K walk over them, Enter goes on into the form.

import { useEffect, useRef } from "preact/hooks";
import { query } from "../shell/router";
import { t } from "../words";
import { ago, moment } from "../words/times";
import { taskAddress } from "./filters";
import type { Row } from "./rows";

interface Props {
  rows: readonly Row[];
  selected: string | null;
  me: string;
  /** Changes each time the keyboard moved the selection: the row then takes the focus. */
  moved: number;
  onEnter: (id: string) => void;
}

export function TaskList({ rows, selected, me, moved, onEnter }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (moved > 0) list.current?.querySelector<HTMLElement>("[aria-current]")?.focus();
  }, [moved, selected]);

  return (
    <ul class="tasks" ref={list}>
      {rows.map(({ task, fresh }) => (
        <li key={task.id}>
          <a
            class="task-row"
            href={taskAddress(task.id, query.value)}
            aria-current={task.id === selected ? "true" : undefined}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
              event.preventDefault();
              onEnter(task.id);
            }}
          >
            <span class="task-row-name truncate">{task.name}</span>
            <time class="task-row-age" dateTime={task.created_at} title={moment(task.created_at)}>
              {ago(task.created_at)}
            </time>
            <span class="task-row-process truncate">
              {task.definition_name || task.definition_key}
              {task.business_key && <> · {task.business_key}</>}
            </span>
            <span class="task-row-signs">
              {fresh && <span class="chip chip-accent">{t("inbox.new")}</span>}
              {task.suspended && <span class="chip chip-warning">{t("inbox.state.suspended")}</span>}
              {task.assignee && task.assignee !== me && <span class="chip">{task.assignee}</span>}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
