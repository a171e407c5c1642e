// Times as drawings write them: read here to say at once what they mean, or that they mean nothing. The engine reads them
// anew and has the last word (bpmn/timers.py).

export type TimerKind = "date" | "duration" | "cycle";

export type Unit = "year" | "month" | "week" | "day" | "hour" | "minute" | "second";
export type Span = readonly { unit: Unit; count: number }[];

export type Reading =
  | { means: "empty" }
  | { means: "computed" }
  | { means: "fault" }
  | { means: "date"; at: Date; local: boolean }
  | { means: "duration"; span: Span }
  | { means: "cycle"; span: Span; times: number | null; from: Date | null }
  | { means: "cron" };

const units: readonly Unit[] = ["year", "month", "week", "day", "hour", "minute", "second"];
const part = (letter: string) => `(?:(\\d+(?:[.,]\\d+)?)${letter})?`;
const DURATION = new RegExp(
  `^\\+?P(?=.)${part("Y")}${part("M")}${part("W")}${part("D")}(?:T(?=\\d)${part("H")}${part("M")}${part("S")})?$`,
);
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const CYCLE = /^R(\d*)\/(.+)$/;
const CRON = /^[\d*,/\-?#LWA-Za-z]+(?: +[\d*,/\-?#LWA-Za-z]+){4,5}$/;

/** What the text means as a time of that kind. */
export function readTime(kind: TimerKind, given: string): Reading {
  const text = given.trim();
  if (!text) return { means: "empty" };
  // The engine takes everything else for an expression that gives the time when it is needed.
  if (text.includes("{{") || !/^[PR*\d+-]/.test(text)) return { means: "computed" };
  if (kind === "date") return readDate(text);
  if (kind === "duration") {
    const span = readSpan(text);
    return span ? { means: "duration", span } : { means: "fault" };
  }
  return readCycle(text);
}

function readDate(text: string): Reading {
  const match = DATE.exec(text);
  const at = new Date(text.replace(" ", "T").replace(",", "."));
  if (!match || Number.isNaN(at.getTime())) return { means: "fault" };
  const [year, month, day] = text.slice(0, 10).split("-").map(Number);
  if (new Date(Date.UTC(year!, month! - 1, day)).getUTCDate() !== day) return { means: "fault" }; // no such day
  return { means: "date", at, local: !match[1] };
}

export function readSpan(text: string): Span | null {
  const match = DURATION.exec(text);
  if (!match) return null;
  const span = units.flatMap((unit, index) => {
    const found = match[index + 1];
    return found === undefined ? [] : [{ unit, count: Number(found.replace(",", ".")) }];
  });
  return span.length > 0 ? span : null;
}

function readCycle(text: string): Reading {
  const match = CYCLE.exec(text);
  if (!match) return CRON.test(text) ? { means: "cron" } : { means: "fault" };
  const times = match[1] ? Number(match[1]) : null;
  const parts = match[2]!.split("/");
  const span = readSpan(parts.at(-1) ?? "");
  const from = parts.length === 2 ? readDate(parts[0]!) : null;
  const wrong = !span || times === 0 || parts.length > 2 || from?.means === "fault" || span.every(({ count }) => count === 0);
  return wrong ? { means: "fault" } : { means: "cycle", span, times, from: from?.means === "date" ? from.at : null };
}
