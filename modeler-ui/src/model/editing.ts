// One diagram being edited: its name, its draft on the server, what the engine says about it, what stands deployed.

import { computed, effect, signal } from "@preact/signals";
import { get, post, Problem, put } from "../http";
import { connected } from "../live";
import type { CheckResult, Deployment, DiagramProblem, Draft, Page, ProcessDefinition } from "../records";
import { navigate } from "../shell/router";
import { has } from "../shell/session";
import type { Drawing } from "./canvas/drawing";
import { text } from "./canvas/moddle";
import { fileName, generatedKey, slug, validId } from "./names";
import type { Origin } from "./origins";
import { counts, sorted } from "./problems";
import { forget, keep, type Kept } from "./recovery";
import { flushTyping } from "./inspector/typed";

const CHECK_DELAY_MS = 450;
const KEEP_DELAY_MS = 1_200;

export type SaveOutcome = "saved" | "conflict" | "failed";

export class Editing {
  readonly name = signal("");
  readonly draft = signal<Draft | null>(null);
  readonly saving = signal(false);
  /** The draft as somebody else saved it, newer than ours. */
  readonly theirs = signal<Draft | null>(null);
  readonly problems = signal<readonly DiagramProblem[]>([]);
  /** waiting: not yet asked, or the drawing changed since; failed: the engine could not be asked. */
  readonly checked = signal<"waiting" | "fresh" | "failed">("waiting");
  readonly counts = computed(() => counts(this.problems.value));
  readonly dirty = computed(() => this.unsaved.value || this.drawing.changed.value || this.name.value !== this.savedName.value);

  private readonly unsaved = signal(false);
  private readonly savedName = signal("");
  private readonly stops: (() => void)[] = [];
  private checking: AbortController | null = null;

  constructor(
    readonly drawing: Drawing,
    readonly origin: Origin,
  ) {
    this.name.value = this.savedName.value = origin.name;
    if (origin.kind === "draft") this.draft.value = origin.draft;
    // An imported file or template is worth asking about before it is lost; an untouched blank sheet is not.
    this.unsaved.value = origin.kind === "new" && origin.file !== null;
    this.stops.push(effect(() => this.drawing.problems.show(this.problems.value)));
    this.stops.push(this.checkWhileDrawing());
    this.stops.push(this.keepWhileDrawing());
  }

  close(): void {
    this.checking?.abort();
    for (const stop of this.stops) stop();
  }

  /** Brings back what an earlier session left unsaved. */
  async restore(kept: Kept): Promise<void> {
    await this.drawing.open(kept.xml);
    this.name.value = kept.name;
    this.unsaved.value = true;
  }

  /** The unsaved changes are given up on purpose. */
  giveUp(): void {
    forget(this.draft.value?.id ?? null);
  }

  /** A process that nobody has named yet, or that is named like the diagram, keeps the diagram's name. */
  rename(name: string): void {
    const before = this.name.value;
    if (!name.trim() || name === before) return;
    this.name.value = name.trim();
    const [only, ...others] = this.drawing.processes();
    if (!only || others.length > 0) return;
    const processName = text(only.process, "name");
    if (processName && processName !== before) return;
    const key = only.process.id ?? "";
    const nextKey = slug(name);
    const follows = generatedKey(key) || key === slug(before);
    const free = validId(nextKey) && !this.drawing.find.element(nextKey);
    this.drawing.updateProcess(only.element, { name: name.trim(), ...(follows && free ? { id: nextKey } : {}) });
  }

  // --- saving --------------------------------------------------------------------------------------------------------
  /** Throws a Problem that is no conflict. */
  async save(how: "save" | "overwrite" | "copy" = "save", copyName?: string): Promise<SaveOutcome> {
    if (this.saving.value) return "failed";
    this.saving.value = true;
    try {
      flushTyping();
      const xml = await this.drawing.xml();
      const state = this.drawing.state.value;
      const name = copyName ?? this.name.value;
      const current = how === "copy" ? null : this.draft.value;
      const version = how === "overwrite" ? (this.theirs.value?.version ?? current?.version) : current?.version;
      const saved = current
        ? await put<Draft>(`/drafts/${encodeURIComponent(current.id)}`, { name, xml, version })
        : await post<Draft>("/drafts", { name, xml });
      this.draft.value = saved;
      this.theirs.value = null;
      this.unsaved.value = false;
      this.name.value = this.savedName.value = saved.name;
      this.drawing.markSaved(state);
      forget(current?.id ?? null);
      if (!current) await navigate(`/model/${encodeURIComponent(saved.id)}`, { replace: true, unguarded: true });
      return "saved";
    } catch (fault) {
      if (!(fault instanceof Problem) || fault.code !== "version_conflict" || !this.draft.value) throw fault;
      this.theirs.value = await get<Draft>(`/drafts/${encodeURIComponent(this.draft.value.id)}`);
      return "conflict";
    } finally {
      this.saving.value = false;
    }
  }

  /** Shows the version somebody else saved in place of ours. */
  async takeTheirs(theirs: Draft): Promise<void> {
    const full = theirs.xml ? theirs : await get<Draft>(`/drafts/${encodeURIComponent(theirs.id)}`);
    await this.drawing.open(full.xml ?? "");
    this.draft.value = full;
    this.name.value = this.savedName.value = full.name;
    this.theirs.value = null;
    this.unsaved.value = false;
  }

  /** The server's draft changed: by us, by somebody else, or it is gone. */
  async heardOfDraft(): Promise<"ours" | "theirs" | "taken" | "gone"> {
    const own = this.draft.value;
    if (!own || this.saving.value) return "ours";
    let now: Draft;
    try {
      now = await get<Draft>(`/drafts/${encodeURIComponent(own.id)}`);
    } catch (fault) {
      if (fault instanceof Problem && fault.status === 404) {
        this.draft.value = null;
        this.unsaved.value = true; // what is on the canvas is the last copy
        return "gone";
      }
      throw fault;
    }
    if (now.version <= (this.draft.value?.version ?? 0) || this.saving.value) return "ours";
    if (this.dirty.value) {
      this.theirs.value = now;
      return "theirs";
    }
    await this.takeTheirs(now);
    return "taken";
  }

  // --- checking and deploying ------------------------------------------------------------------------------------------
  async file(): Promise<{ name: string; xml: string }> {
    flushTyping();
    return { name: fileName(this.name.value, "bpmn"), xml: await this.drawing.xml() };
  }

  async deploy(): Promise<Deployment> {
    const { name, xml } = await this.file();
    const form = new FormData();
    form.append("files", new Blob([xml], { type: "application/xml" }), name);
    form.append("name", this.name.value);
    try {
      return await post<Deployment>("/deployments", form);
    } catch (fault) {
      if (fault instanceof Problem && fault.problems.length > 0) this.found(fault.problems);
      throw fault;
    }
  }

  /** What stands deployed of this diagram's processes: the latest version of each. */
  async deployed(): Promise<ProcessDefinition[]> {
    const keys = this.drawing.processes().map(({ process }) => process.id ?? "");
    const pages = await Promise.all(
      keys.map((key) => get<Page<ProcessDefinition>>("/process-definitions", { key, latest: true })),
    );
    return pages.flatMap((page) => page.items);
  }

  async checkNow(): Promise<void> {
    this.checking?.abort();
    if (!has("analyst")) {
      this.checked.value = "failed"; // only who draws may ask the engine
      return;
    }
    const abort = new AbortController();
    this.checking = abort;
    try {
      const xml = await this.drawing.xmlAsItIs();
      const result = await post<CheckResult>("/check", { xml }, { signal: abort.signal });
      if (!abort.signal.aborted) this.found(result.problems);
    } catch (fault) {
      if (abort.signal.aborted) return;
      if (!(fault instanceof Problem)) throw fault;
      this.checked.value = "failed";
    }
  }

  private keepWhileDrawing(): () => void {
    let timer: number | undefined;
    const keepNow = async () => {
      if (!this.dirty.peek()) return;
      const kept = { name: this.name.peek(), xml: await this.drawing.xmlAsItIs(), at: new Date().toISOString() };
      if (this.dirty.peek()) keep(this.draft.peek()?.id ?? null, kept);
    };
    const stop = effect(() => {
      void this.drawing.revision.value;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void keepNow(), KEEP_DELAY_MS);
    });
    return () => {
      stop();
      window.clearTimeout(timer);
    };
  }

  private found(problems: readonly DiagramProblem[]): void {
    this.problems.value = sorted(problems);
    this.checked.value = "fresh";
  }

  private checkWhileDrawing(): () => void {
    let timer: number | undefined;
    const stop = effect(() => {
      void this.drawing.revision.value;
      this.checked.value = "waiting";
      this.checking?.abort();
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void this.checkNow(), CHECK_DELAY_MS);
    });
    // What could not be asked while the server was away is asked when it is back.
    const stopCatchingUp = effect(() => {
      if (connected.value && this.checked.peek() === "failed") void this.checkNow();
    });
    return () => {
      stop();
      stopCatchingUp();
      window.clearTimeout(timer);
    };
  }
}
