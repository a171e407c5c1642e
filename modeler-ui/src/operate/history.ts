// The history of one instance, kept page by page: a page whose activities have all ended never changes again and is
// not fetched twice, so a long history costs only its end.

import { get } from "../http";
import type { Activities, ActivityInstance, Join } from "../records";

const PAGE = 200;
const MOST_PAGES = 25;

interface HeldPage {
  from: string | null;
  items: ActivityInstance[];
  next: string | null;
}

export interface History {
  items: ActivityInstance[];
  joins: Join[];
  /** There is more than we read. */
  cut: boolean;
}

export class HistoryReader {
  private pages: HeldPage[] = [];

  constructor(private readonly instanceId: string) {}

  async read(signal: AbortSignal): Promise<History> {
    const pages: HeldPage[] = [];
    let joins: Join[] = [];
    let from: string | null = null;
    do {
      const held: HeldPage | undefined = this.pages[pages.length];
      if (held && held.from === from && held.next && held.items.every((one) => one.ended_at !== null)) {
        pages.push(held);
      } else {
        const path = `/process-instances/${encodeURIComponent(this.instanceId)}/activities`;
        const answer: Activities = await get<Activities>(path, { cursor: from, limit: PAGE }, signal);
        pages.push({ from, items: answer.items, next: answer.next_cursor });
        joins = answer.joins;
      }
      from = pages[pages.length - 1]?.next ?? null;
    } while (from && pages.length < MOST_PAGES);
    this.pages = pages;
    return { items: pages.flatMap((page) => page.items), joins, cut: from !== null };
  }
}

/** How deep each activity lies in sub-processes. */
export function depths(items: readonly ActivityInstance[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const one of items) found.set(one.id, one.parent === null ? 0 : (found.get(one.parent) ?? -1) + 1);
  return found;
}

/** Each activity followed by what happened inside it, so that what is indented stands below what it belongs to. */
export function nested<T extends Pick<ActivityInstance, "id" | "parent">>(items: readonly T[]): T[] {
  const known = new Set(items.map((one) => one.id));
  const inside = new Map<number | null, T[]>();
  for (const one of items) {
    const holder = one.parent !== null && known.has(one.parent) ? one.parent : null;
    const held = inside.get(holder);
    if (held) held.push(one);
    else inside.set(holder, [one]);
  }
  const order: T[] = [];
  const pending = [...(inside.get(null) ?? [])].reverse();
  for (let one = pending.pop(); one; one = pending.pop()) {
    order.push(one);
    pending.push(...[...(inside.get(one.id) ?? [])].reverse());
  }
  return order;
}

export interface Span {
  left: number;
  width: number;
}

/** Where an activity lies between the first start and now, in percent. */
export function spans(items: readonly ActivityInstance[], now: number): Map<number, Span> {
  const found = new Map<number, Span>();
  if (items.length === 0) return found;
  const starts = items.map((one) => Date.parse(one.started_at));
  const ends = items.map((one) => (one.ended_at ? Date.parse(one.ended_at) : now));
  const first = Math.min(...starts);
  const whole = Math.max(1, Math.max(...ends) - first);
  items.forEach((one, index) => {
    const left = ((starts[index]! - first) / whole) * 100;
    found.set(one.id, { left, width: Math.max(0, ((ends[index]! - starts[index]!) / whole) * 100) });
  });
  return found;
}
