// What an element is, in words.

import { t, type WordKey } from "../words";

const KINDS: Record<string, WordKey> = {
  start_event: "operate.kind.start_event",
  message_start_event: "operate.kind.start_event",
  end_event: "operate.kind.end_event",
  user_task: "operate.kind.user_task",
  script_task: "operate.kind.script_task",
  service_task: "operate.kind.service_task",
  manual_task: "operate.kind.manual_task",
  task: "operate.kind.task",
  exclusive_gateway: "operate.kind.exclusive_gateway",
  parallel_gateway: "operate.kind.parallel_gateway",
  sub_process: "operate.kind.sub_process",
  event_sub_process: "operate.kind.event_sub_process",
};

export function kindText(kind: string): string {
  const key = KINDS[kind];
  return key ? t(key) : kind.replaceAll("_", " ");
}
