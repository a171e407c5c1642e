// A value as JSON: short ones in a line, long ones folded.

import type { Json } from "../records";
import "./values.css";

const SHORT = 60;

export function JsonValue({ value }: { value: Json }) {
  const line = JSON.stringify(value);
  if (line.length <= SHORT) return <code class={`json json-${kindOf(value)}`}>{line}</code>;
  return (
    <details class="json-long">
      <summary>
        <code class="json">{line.slice(0, SHORT)}…</code>
      </summary>
      <pre>{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}
