// Everything Operate shows of one instance, read in one go so that its parts fit together.

import { get, Problem } from "../http";
import type { Incident, Job, Page, ProcessInstance, UserTask, Variable, VariableList, Waiting } from "../records";
import type { History, HistoryReader } from "./history";

export interface Snapshot {
  instance: ProcessInstance;
  history: History;
  variables: Variable[];
  incidents: Incident[];
  tasks: UserTask[];
  jobs: Job[];
  waiting: Waiting[];
  /** The instances that this one called. */
  called: ProcessInstance[];
}

export async function readInstance(id: string, history: HistoryReader, signal: AbortSignal): Promise<Snapshot> {
  const path = `/process-instances/${encodeURIComponent(id)}`;
  const ofInstance = { process_instance_id: id, limit: 200 };
  const [instance, activities, variables, incidents, tasks, jobs, waiting] = await Promise.all([
    get<ProcessInstance>(path, {}, signal),
    history.read(signal),
    get<VariableList>(`${path}/variables`, {}, signal),
    allowed(get<Page<Incident>>("/incidents", ofInstance, signal)),
    allowed(get<Page<UserTask>>("/user-tasks", { ...ofInstance, view: "all" }, signal)),
    allowed(get<Page<Job>>("/jobs", ofInstance, signal)),
    allowed(get<{ items: Waiting[] }>(`${path}/waiting`, {}, signal)),
  ]);
  const calls = activities.items.some((one) => one.kind === "call_activity");
  const called = calls ? await allowed(get<Page<ProcessInstance>>("/process-instances", { parent_id: id, limit: 200 }, signal)) : [];
  return { instance, history: activities, variables: variables.items, incidents, tasks, jobs, waiting, called };
}

/** Who may see an instance need not see its jobs and incidents: then there are none to show. */
async function allowed<T>(asked: Promise<{ items: T[] }>): Promise<T[]> {
  try {
    return (await asked).items;
  } catch (fault) {
    // 404 is said by the instance itself, and by servers that do not know the question yet
    if (fault instanceof Problem && [400, 403, 404, 422].includes(fault.status)) return [];
    throw fault;
  }
}
