// Beside the task: where it stands in its process, and what the process knows.

import { useMemo } from "preact/hooks";
import { Diagram } from "../diagram/Diagram";
import { useDefinitionXml } from "../diagram/definition_xml";
import { instanceMarks, placeMarks } from "../diagram/marks";
import { get } from "../http";
import { useLiveRecord } from "../live_record";
import type { Activities, UserTask } from "../records";
import { t } from "../words";
import { JsonValue } from "../values/JsonValue";

interface Props {
  task: UserTask;
  mayOperate: boolean;
}

export function TaskContext({ task, mayOperate }: Props) {
  const { xml, refused } = useDefinitionXml(task.definition_id);
  const instance = encodeURIComponent(task.process_instance_id);
  // Who only works on tasks may not see the whole instance: the picture then shows this task's place.
  const activities = useLiveRecord<Activities>(
    mayOperate ? task.process_instance_id : null,
    (signal) => get<Activities>(`/process-instances/${instance}/activities`, { limit: 200 }, signal),
    [`instance:${task.process_instance_id}`],
  );
  const marks = useMemo(() => {
    // Where the process stands, without what an operator cares for: the picture is small.
    const found = activities.data && { items: activities.data.items, joins: [] };
    return found ? instanceMarks(found, [], { waits: () => "", due: () => "", repeated: (done, begun) => t("operate.repeated", { done, begun }) }) : placeMarks(task.element_id);
  }, [activities.data, task.element_id]);
  const names = Object.keys(task.variables ?? {}).sort();

  return (
    <aside class="context" aria-label={t("inbox.context")}>
      {!refused && (
        <section class="context-diagram" aria-label={t("inbox.where")}>
          <Diagram
            xml={xml}
            marks={marks}
            selected={task.element_id}
            focus={task.element_id}
            label={t("inbox.where-is", { name: task.name })}
          />
        </section>
      )}
      <section class="context-values">
        <div class="row context-title">
          <h2 class="grow">{t(task.variables ? "inbox.variables" : "inbox.where")}</h2>
          {mayOperate && <a href={`/operate/${instance}`}>{t("inbox.open-instance")}</a>}
        </div>
        {task.variables === null ? (
          // Once a task has ended, what its process learns later is not this task's to show.
          <p class="muted">{task.definition_name || task.definition_key}</p>
        ) : names.length === 0 ? (
          <p class="muted">{t("inbox.no-variables")}</p>
        ) : (
          <dl class="values">
            {names.map((name) => (
              <div key={name}>
                <dt class="mono">{name}</dt>
                <dd>
                  <JsonValue value={task.variables?.[name] ?? null} />
                </dd>
              </div>
            ))}
          </dl>
        )}
      </section>
    </aside>
  );
}
