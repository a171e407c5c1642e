// A failed call in words: ours where the app knows better than the server what to do, else the server's own.

import type { Problem } from "../http";
import { t } from ".";

export function problemText(problem: Problem): string {
  if (problem.status === 0) return t("shell.unreachable");
  if (problem.status === 403) return t("inbox.problem.forbidden", { detail: problem.message });
  if (problem.status === 429 || problem.status === 503) return t("inbox.problem.busy");
  return problem.message;
}
