import type { inboxEn } from "./inbox.en";

export const inboxDe: Record<keyof typeof inboxEn, string> = {
  "inbox.title": "Inbox",
};
