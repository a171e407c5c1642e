// Everything Operate shows of one instance, read in one go so that its parts fit together.

import { get, Problem } from "../http";
import type { Incident, Job, Page, ProcessInstance, UserTask, Variable, VariableList } from "../records";
import type { History, HistoryReader } from "./history";

export interface Snapshot {
  instance: ProcessInstance;
  history: History;
  variables: Variable[];
  incidents: Incident[];
  tasks: UserTask[];
  jobs: Job[];
}

export async function readInstance(id: string, history: HistoryReader, signal: AbortSignal): Promise<Snapshot> {
  const path = `/process-instances/${encodeURIComponent(id)}`;
  const ofInstance = { process_instance_id: id, limit: 200 };
  const [instance, activities, variables, incidents, tasks, jobs] = await Promise.all([
    get<ProcessInstance>(path, {}, signal),
    history.read(signal),
    get<VariableList>(`${path}/variables`, {}, signal),
    allowed(get<Page<Incident>>("/incidents", ofInstance, signal)),
    allowed(get<Page<UserTask>>("/user-tasks", { ...ofInstance, view: "all" }, signal)),
    allowed(get<Page<Job>>("/jobs", ofInstance, signal)),
  ]);
  return { instance, history: activities, variables: variables.items, incidents, tasks, jobs };
}

/** Who may see an instance need not see its jobs and incidents: then there are none to show. */
async function allowed<T>(asked: Promise<Page<T>>): Promise<T[]> {
  try {
    return (await asked).items;
  } catch (fault) {
    if (fault instanceof Problem && fault.status === 403) return [];
    throw fault;
  }
}
