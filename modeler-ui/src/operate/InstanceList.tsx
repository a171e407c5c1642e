// All process instances, newest first; filters stand in the address.

import { get } from "../http";
import { useLiveRecord } from "../live_record";
import { usePagedList } from "../paged_list";
import type { InstanceState, Page, ProcessDefinition, ProcessInstance } from "../records";
import { Icon } from "../shell/icons";
import { query, setQuery } from "../shell/router";
import { counted, t } from "../words";
import { problemText } from "../words/problems";
import { ago, moment } from "../words/times";
import { StateChip } from "./StateChip";

const states: readonly InstanceState[] = ["active", "suspended", "completed", "cancelled", "failed"];

export function InstanceList() {
  const asked = query.value;
  const filters = {
    definition_key: asked.get("process"),
    state: states.find((state) => state === asked.get("state")) ?? null,
    business_key: asked.get("key"),
    incidents: asked.get("incidents") === "true" ? true : null,
  };
  const list = usePagedList<ProcessInstance>("/process-instances", filters, ["instances", "incidents"]);
  const definitions = useLiveRecord<Page<ProcessDefinition>>(
    "definitions",
    (signal) => get("/process-definitions", { latest: true, limit: 200 }, signal),
    ["definitions"],
  );
  const filtered = Object.values(filters).some((value) => value !== null);

  return (
    <div class="operate">
      <header class="operate-head">
        <h1>{t("operate.title")}</h1>
        <Filters filters={filters} definitions={definitions.data?.items ?? []} />
      </header>
      <div class="operate-table scroll">
        {list.problem && !list.data ? (
          <div class="empty" role="alert">
            <Icon name="error" />
            <p>{problemText(list.problem)}</p>
          </div>
        ) : list.loading ? (
          <div class="operate-skeletons" aria-busy="true">
            {[1, 2, 3, 4, 5].map((row) => <div key={row} class="skeleton" />)}
          </div>
        ) : list.items.length === 0 ? (
          <Nothing filtered={filtered} />
        ) : (
          <Instances items={list.items} />
        )}
        {list.hasMore && (
          <div class="operate-more">
            <button type="button" class="button" disabled={list.loadingMore} onClick={list.more}>
              {t("operate.more")}
            </button>
          </div>
        )}
      </div>
    </div>
  );
}

interface FiltersProps {
  filters: { definition_key: string | null; state: InstanceState | null; business_key: string | null; incidents: boolean | null };
  definitions: readonly ProcessDefinition[];
}

function Filters({ filters, definitions }: FiltersProps) {
  return (
    <div class="operate-filters">
      <div class="tabs" role="group" aria-label={t("operate.state")}>
        <button
          type="button"
          class="tab"
          aria-current={filters.state === null && !filters.incidents ? "true" : undefined}
          onClick={() => setQuery({ state: null, incidents: null })}
        >
          {t("operate.all")}
        </button>
        {states.map((state) => (
          <button
            key={state}
            type="button"
            class="tab"
            aria-current={filters.state === state ? "true" : undefined}
            onClick={() => setQuery({ state: filters.state === state ? null : state })}
          >
            {t(`operate.state.${state}`)}
          </button>
        ))}
        <button
          type="button"
          class="tab"
          aria-current={filters.incidents ? "true" : undefined}
          onClick={() => setQuery({ incidents: filters.incidents ? null : "true" })}
        >
          {t("operate.with-incidents")}
        </button>
      </div>
      <select
        class="select"
        aria-label={t("operate.process")}
        value={filters.definition_key ?? ""}
        onChange={(event) => setQuery({ process: event.currentTarget.value })}
      >
        <option value="">{t("operate.every-process")}</option>
        {definitions.map((definition) => (
          <option key={definition.id} value={definition.key}>
            {definition.name || definition.key}
          </option>
        ))}
      </select>
      <input
        class="input"
        type="search"
        aria-label={t("operate.business-key")}
        placeholder={t("operate.business-key")}
        value={filters.business_key ?? ""}
        onChange={(event) => setQuery({ key: event.currentTarget.value.trim() })}
      />
    </div>
  );
}

function Instances({ items }: { items: readonly ProcessInstance[] }) {
  return (
    <table class="table instances">
      <thead>
        <tr>
          <th scope="col">{t("operate.process")}</th>
          <th scope="col">{t("operate.state")}</th>
          <th scope="col" class="instances-key">{t("operate.business-key")}</th>
          <th scope="col">{t("operate.started")}</th>
          <th scope="col" class="instances-by">{t("operate.started-by")}</th>
          <th scope="col" class="instances-end">{t("operate.ended")}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={one.id}>
            <td>
              <a class="instance-link" href={`/operate/${encodeURIComponent(one.id)}`}>
                {one.definition_name || one.definition_key}
              </a>
              <span class="faint"> v{one.definition_version}</span>
            </td>
            <td>
              <span class="row">
                <StateChip state={one.state} />
                {one.incidents > 0 && (
                  <span class="chip chip-danger">
                    <Icon name="error" />
                    {counted("operate.incident-count", one.incidents)}
                  </span>
                )}
              </span>
            </td>
            <td class="instances-key">{one.business_key ?? <span class="faint">–</span>}</td>
            <td>
              <time dateTime={one.started_at} title={moment(one.started_at)}>{ago(one.started_at)}</time>
            </td>
            <td class="instances-by">{one.started_by}</td>
            <td class="instances-end">
              {one.ended_at ? <time dateTime={one.ended_at} title={moment(one.ended_at)}>{ago(one.ended_at)}</time> : <span class="faint">–</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <div class="empty">
        <Icon name="search" />
        <h2>{t("operate.nothing-found")}</h2>
        <div class="row">
          <button
            type="button"
            class="button"
            onClick={() => setQuery({ state: null, incidents: null, process: null, key: null })}
          >
            {t("operate.clear-filters")}
          </button>
        </div>
      </div>
    );
  }
  return (
    <div class="empty">
      <Icon name="operate" />
      <h2>{t("operate.empty")}</h2>
      <p>{t("operate.empty-words")}</p>
      <div class="row">
        <a class="button button-primary" href="/model">{t("operate.to-model")}</a>
      </div>
    </div>
  );
}
