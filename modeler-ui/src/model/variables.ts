// Variables as people type them.

import type { Variables } from "../records";
import { t } from "../words";

export interface TypedVariables {
  variables: Variables;
  fault: string | null;
}

/** JSON text to variables; nothing typed means none. */
export function parseVariables(text: string): TypedVariables {
  if (!text.trim()) return { variables: {}, fault: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { variables: {}, fault: t("model.fault.json", { where: place(text, (error as Error).message) }) };
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return { variables: {}, fault: t("model.fault.jsonObject") };
  }
  return { variables: value as Variables, fault: null };
}

/** "line 3, column 7" where the browser tells; else what it says. */
function place(text: string, message: string): string {
  const byLine = /line (\d+) column (\d+)/.exec(message);
  const at = /position (\d+)/.exec(message);
  let line = Number(byLine?.[1] ?? 0);
  let column = Number(byLine?.[2] ?? 0);
  if (!byLine && at) {
    const before = text.slice(0, Number(at[1])).split("\n");
    line = before.length;
    column = (before.at(-1)?.length ?? 0) + 1;
  }
  return line ? t("model.fault.jsonPlace", { line, column }) : message;
}
