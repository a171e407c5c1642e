export const inboxEn = {
  "inbox.title": "Inbox",
} as const satisfies Record<string, string>;
