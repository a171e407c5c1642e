import type { InstanceState } from "../records";
import { t } from "../words";

const LOOKS: Record<InstanceState, string> = {
  active: "chip-accent",
  suspended: "chip-warning",
  completed: "chip-success",
  cancelled: "",
  failed: "chip-danger",
};

/** The state of a process instance. */
export function StateChip({ state }: { state: InstanceState }) {
  return <span class={`chip ${LOOKS[state]}`}>{t(`operate.state.${state}`)}</span>;
}
