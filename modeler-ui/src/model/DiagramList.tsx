// Drafts and what stands deployed: where one begins.

import { useEffect, useState } from "preact/hooks";
import { del, get, post } from "../http";
import { type PagedList, usePagedList } from "../paged_list";
import type { Draft, ProcessDefinition } from "../records";
import { ask } from "../shell/dialogs";
import { Icon } from "../shell/icons";
import { Menu, MenuItem } from "../shell/Menu";
import { navigate } from "../shell/router";
import { has } from "../shell/session";
import { useShortcuts } from "../shell/shortcuts";
import { toast, toastFailure } from "../shell/toasts";
import { t, type WordKey } from "../words";
import { ago, moment } from "../words/times";
import { StartDialog } from "./dialogs/StartDialog";
import { VersionsDialog } from "./dialogs/VersionsDialog";
import { chooseFiles, download, openFiles, useFileDrop } from "./files";
import { fileName } from "./names";
import { handOver } from "./origins";
import { approval, blank } from "./templates";

function begin(template: (name: string) => string, name: string): void {
  handOver({ name, xml: template(name), file: null });
  void navigate("/model/new");
}
const beginBlank = () => begin(blank, t("model.untitled"));
const beginApproval = () => begin(approval, t("model.template.approval.name"));

export function DiagramList() {
  const mayDraw = has("analyst");
  const definitions = usePagedList<ProcessDefinition>("/process-definitions", { latest: true }, ["definitions"]);
  const [draftCount, setDraftCount] = useState<number | null>(mayDraw ? null : 0);
  const [wanted, setWanted] = useState("");
  const [starting, setStarting] = useState<ProcessDefinition | null>(null);
  const [versionsOf, setVersionsOf] = useState<ProcessDefinition | null>(null);
  const dropping = useFileDrop((files) => void openFiles(files));
  useShortcuts("model.shortcuts.list", [
    { keys: "n", words: "model.shortcut.new", run: () => mayDraw && beginBlank() },
    { keys: "i", words: "model.shortcut.import", run: () => mayDraw && void chooseFiles() },
    { keys: "/", words: "model.shortcut.search", run: () => document.getElementById("diagram-search")?.focus() },
  ]);

  const nothing = draftCount === 0 && !definitions.loading && !definitions.problem && definitions.items.length === 0;
  const many = (draftCount ?? 0) + definitions.items.length > 5;
  return (
    <div class="list-place" data-dropping={dropping.over} {...(mayDraw ? dropping.handlers : {})}>
      <div class="page">
        <header class="page-head">
          <h1 class="grow">{t("model.title")}</h1>
          {many && (
            <div class="search">
              <Icon name="search" />
              <input
                id="diagram-search"
                class="input"
                type="search"
                aria-label={t("model.search")}
                placeholder={t("model.search")}
                value={wanted}
                onInput={(event) => setWanted(event.currentTarget.value)}
                onKeyDown={(event) => event.key === "Escape" && setWanted("")}
              />
            </div>
          )}
          {mayDraw && (
            <>
              <button type="button" class="button" aria-label={t("model.import")} onClick={() => void chooseFiles()}>
                <Icon name="import" />
                <span class="list-import-words">{t("model.import")}</span>
              </button>
              <div class="split">
                <button type="button" class="button button-primary" onClick={beginBlank}>
                  <Icon name="plus" />
                  {t("model.new")}
                </button>
                <Menu label={t("model.newFrom")} buttonClass="button button-primary button-icon" button={<Icon name="chevron" />}>
                  <MenuItem icon={<Icon name="file" />} onSelect={beginBlank}>
                    {t("model.template.blank")}
                  </MenuItem>
                  <MenuItem icon={<Icon name="check" />} onSelect={beginApproval}>
                    {t("model.template.approval")}
                  </MenuItem>
                </Menu>
              </div>
            </>
          )}
        </header>
        {nothing && <Welcome mayDraw={mayDraw} />}
        <div hidden={nothing}>
          {mayDraw && <Drafts wanted={wanted} onCount={setDraftCount} />}
          <ListSection
            id="deployed"
            title="model.deployed"
            list={definitions}
            wanted={wanted}
            text={(definition) => `${definition.name} ${definition.key}`}
            empty="model.deployed.empty"
            row={(definition) => (
              <DefinitionRow
                key={definition.key}
                definition={definition}
                onStart={() => setStarting(definition)}
                onVersions={() => setVersionsOf(definition)}
              />
            )}
          />
        </div>
      </div>
      {dropping.over && <div class="drop-veil">{t("model.dropToImport")}</div>}
      {versionsOf && (
        <VersionsDialog
          definition={versionsOf}
          mayDraw={mayDraw}
          onClose={() => setVersionsOf(null)}
          onStart={(definition) => {
            setVersionsOf(null);
            setStarting(definition);
          }}
        />
      )}
      {starting && <StartDialog source={starting} onClose={() => setStarting(null)} />}
    </div>
  );
}

function Drafts({ wanted, onCount }: { wanted: string; onCount: (count: number | null) => void }) {
  const drafts = usePagedList<Draft>("/drafts", {}, ["drafts"]);
  const count = drafts.loading || drafts.problem ? null : drafts.items.length;
  useEffect(() => onCount(count), [count]);
  return (
    <ListSection
      id="drafts"
      title="model.drafts"
      list={{ ...drafts, items: [...drafts.items].sort((one, other) => other.updated_at.localeCompare(one.updated_at)) }}
      wanted={wanted}
      text={(draft) => draft.name}
      empty="model.drafts.empty"
      row={(draft) => <DraftRow key={draft.id} draft={draft} />}
    />
  );
}

function Welcome({ mayDraw }: { mayDraw: boolean }) {
  if (!mayDraw) {
    return (
      <div class="panel empty">
        <Icon name="model" />
        <h2>{t("model.nothingForReaders.title")}</h2>
        <p>{t("model.nothingForReaders")}</p>
      </div>
    );
  }
  return (
    <div class="panel welcome">
      <div class="empty">
        <Icon name="model" />
        <h2>{t("model.welcome.title")}</h2>
        <p>{t("model.welcome")}</p>
      </div>
      <div class="welcome-ways">
        <button type="button" class="welcome-way" onClick={beginBlank}>
          <Icon name="plus" />
          <strong>{t("model.template.blank")}</strong>
          <span class="muted">{t("model.template.blank.hint")}</span>
        </button>
        <button type="button" class="welcome-way" onClick={beginApproval}>
          <Icon name="check" />
          <strong>{t("model.template.approval")}</strong>
          <span class="muted">{t("model.template.approval.hint")}</span>
        </button>
        <button type="button" class="welcome-way" onClick={() => void chooseFiles()}>
          <Icon name="import" />
          <strong>{t("model.import")}</strong>
          <span class="muted">{t("model.import.hint")}</span>
        </button>
      </div>
    </div>
  );
}

interface SectionProps<T> {
  id: string;
  title: WordKey;
  list: PagedList<T>;
  wanted: string;
  text: (item: T) => string;
  empty: WordKey;
  row: (item: T) => preact.VNode;
}

function ListSection<T>({ id, title, list, wanted, text, empty, row }: SectionProps<T>) {
  const words = wanted.trim().toLowerCase();
  const found = list.items.filter((item) => text(item).toLowerCase().includes(words));
  return (
    <section class="list-section" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} class="list-title">
        {t(title)}
        {list.items.length > 0 && (
          <span class="count">
            {list.items.length}
            {list.hasMore ? "+" : ""}
          </span>
        )}
      </h2>
      <div class="panel list-panel">
        {list.loading ? (
          <SkeletonRows />
        ) : list.problem && list.items.length === 0 ? (
          <div class="list-note" role="alert">
            <Icon name="offline" />
            <span class="grow">{list.problem.status === 0 ? t("shell.unreachable") : list.problem.message}</span>
            <button type="button" class="button button-small" onClick={() => void list.reload()}>
              {t("shell.again")}
            </button>
          </div>
        ) : found.length === 0 ? (
          <p class="list-note muted">{words ? t("model.search.nothing", { what: wanted.trim() }) : t(empty)}</p>
        ) : (
          <ul class="rows">{found.map(row)}</ul>
        )}
        {list.hasMore && (
          <div class="list-more">
            <button type="button" class="button button-small" disabled={list.loadingMore} onClick={list.more}>
              {list.loadingMore && <span class="spinner" />}
              {t("model.showMore")}
            </button>
          </div>
        )}
      </div>
    </section>
  );
}

function SkeletonRows() {
  return (
    <ul class="rows" aria-busy="true" aria-label={t("shell.loading")}>
      {[52, 38, 45].map((width) => (
        <li key={width} class="list-row">
          <span class="skeleton" style={{ width: `${width}%` }} />
        </li>
      ))}
    </ul>
  );
}

function DraftRow({ draft }: { draft: Draft }) {
  const path = `/drafts/${encodeURIComponent(draft.id)}`;
  const full = () => get<Draft>(path);
  const duplicate = async () => {
    const { name, xml } = await full();
    await post<Draft>("/drafts", { name: t("model.copyOf", { name }), xml });
  };
  const remove = async () => {
    const answer = await ask({
      title: t("model.delete.title", { name: draft.name }),
      text: t("model.delete"),
      yes: t("model.delete.yes"),
      danger: true,
    });
    if (answer !== "yes") return;
    const { name, xml } = await full();
    await del(path);
    toast({
      kind: "success",
      text: t("model.deleted", { name }),
      action: { text: t("model.deleted.undo"), run: () => void guarded("model.notSaved", () => post("/drafts", { name, xml })) },
    });
  };
  return (
    <li class="list-row">
      <a class="list-link" href={`/model/${encodeURIComponent(draft.id)}`}>
        <Icon name="file" />
        <span class="list-name truncate">{draft.name}</span>
      </a>
      <span class="list-by muted truncate" title={moment(draft.updated_at)}>
        {t("model.changedBy", { when: ago(draft.updated_at), who: draft.updated_by })}
      </span>
      <Menu label={t("model.actionsFor", { name: draft.name })} buttonClass="button button-quiet button-icon button-small" button={<Icon name="more" />}>
        <MenuItem icon={<Icon name="export" />} onSelect={() => void guarded("model.notExported", async () => {
          const { name, xml } = await full();
          download(fileName(name, "bpmn"), xml ?? "", "application/xml");
        })}>
          {t("model.exportXml")}
        </MenuItem>
        <MenuItem icon={<Icon name="copy" />} onSelect={() => void guarded("model.notSaved", duplicate)}>
          {t("model.duplicate")}
        </MenuItem>
        <hr />
        <MenuItem icon={<Icon name="trash" />} danger onSelect={() => void guarded("model.notDeleted", remove)}>
          {t("model.delete.yes")}
        </MenuItem>
      </Menu>
    </li>
  );
}

interface DefinitionRowProps {
  definition: ProcessDefinition;
  onStart: () => void;
  onVersions: () => void;
}

function DefinitionRow({ definition, onStart, onVersions }: DefinitionRowProps) {
  const path = `/process-definitions/${encodeURIComponent(definition.id)}`;
  const name = definition.name || definition.key;
  const editor = `/model/definition/${encodeURIComponent(definition.id)}`;
  const instances = `/operate?process=${encodeURIComponent(definition.key)}`;
  const mayDraw = has("analyst");
  return (
    <li class="list-row">
      <a class="list-link" href={mayDraw ? editor : instances} title={t(mayDraw ? "model.editDeployed" : "model.instancesOf")}>
        <Icon name="deploy" />
        <span class="list-name truncate">{name}</span>
        <span class="chip">v{definition.version}</span>
        <code class="list-key faint truncate">{definition.key}</code>
      </a>
      <span class="list-by muted truncate" title={moment(definition.deployed_at)}>
        {t("model.deployedBy", { when: ago(definition.deployed_at), who: definition.deployed_by })}
      </span>
      {has("starter", "analyst", "operator") && (
        <button type="button" class="button button-small" onClick={onStart} aria-label={t("model.startOf", { name })}>
          <Icon name="play" />
          <span class="list-start-words">{t("model.start")}</span>
        </button>
      )}
      <Menu label={t("model.actionsFor", { name })} buttonClass="button button-quiet button-icon button-small" button={<Icon name="more" />}>
        {mayDraw && (
          <MenuItem icon={<Icon name="model" />} onSelect={() => void navigate(editor)}>
            {t("model.editDeployed")}
          </MenuItem>
        )}
        <MenuItem icon={<Icon name="clock" />} onSelect={onVersions}>
          {t("model.versions")}
        </MenuItem>
        <MenuItem icon={<Icon name="operate" />} onSelect={() => void navigate(instances)}>
          {t("model.instancesOf")}
        </MenuItem>
        <MenuItem icon={<Icon name="export" />} onSelect={() => void guarded("model.notExported", async () => {
          download(fileName(name, "bpmn"), await get<string>(`${path}/xml`), "application/xml");
        })}>
          {t("model.exportXml")}
        </MenuItem>
      </Menu>
    </li>
  );
}

async function guarded(words: WordKey, doing: () => Promise<unknown>): Promise<void> {
  try {
    await doing();
  } catch (fault) {
    toastFailure(t(words), fault);
  }
}
