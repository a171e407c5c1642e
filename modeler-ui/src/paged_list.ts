// A list that grows page by page and stays fresh as far as it was loaded.

import { useRef, useState } from "preact/hooks";
import { get, type Query } from "./http";
import type { LiveMessage } from "./live";
import { type LiveRecord, useLiveRecord } from "./live_record";
import type { Page } from "./records";

const PAGE = 50;
const LARGEST_CALL = 200;

export interface PagedList<T> extends LiveRecord<Page<T>> {
  items: T[];
  hasMore: boolean;
  loadingMore: boolean;
  more: () => void;
}

/** Loads `path` filtered by `query`; another path or filter starts again with its first page. */
export function usePagedList<T>(
  path: string,
  query: Query,
  topics: readonly string[],
  concerns?: (message: LiveMessage) => boolean,
): PagedList<T> {
  const key = path + JSON.stringify(query);
  const wanted = useRef({ key, count: PAGE });
  if (wanted.current.key !== key) wanted.current = { key, count: PAGE };
  const [loadingMore, setLoadingMore] = useState(false);

  const record = useLiveRecord<Page<T>>(
    key,
    (signal) => loadUpTo<T>(path, query, wanted.current.count, signal),
    topics,
    concerns,
  );
  return {
    ...record,
    items: record.data?.items ?? [],
    hasMore: Boolean(record.data?.next_cursor),
    loadingMore,
    more: () => {
      wanted.current.count += PAGE;
      setLoadingMore(true);
      void record.reload().finally(() => setLoadingMore(false));
    },
  };
}

async function loadUpTo<T>(path: string, query: Query, count: number, signal: AbortSignal): Promise<Page<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const limit = Math.min(LARGEST_CALL, count - items.length);
    const page: Page<T> = await get<Page<T>>(path, { ...query, cursor, limit }, signal);
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < count);
  return { items, next_cursor: cursor };
}
