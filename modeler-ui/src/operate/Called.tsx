// The instances that call activities of this one have started.

import type { ProcessInstance } from "../records";
import { t } from "../words";
import { StateChip } from "./StateChip";

interface Props {
  called: readonly ProcessInstance[];
  nameOf: (elementId: string) => string;
}

export function Called({ called, nameOf }: Props) {
  if (called.length === 0) return null;
  return (
    <section class="card" aria-labelledby="called-title">
      <div class="card-head">
        <h2 id="called-title">{t("operate.called")}</h2>
      </div>
      <ul class="called">
        {called.map((one) => (
          <li key={one.id}>
            <div class="grow">
              <a href={`/operate/${encodeURIComponent(one.id)}`}>{one.definition_name || one.definition_key}</a>
              {one.business_key && <span class="muted"> {one.business_key}</span>}
              {one.parent_element_id && <p class="muted">{nameOf(one.parent_element_id)}</p>}
            </div>
            <StateChip state={one.state} />
          </li>
        ))}
      </ul>
    </section>
  );
}
