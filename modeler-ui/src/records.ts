// What the server answers, as `engine/records.py` declares it. Times are RFC 3339 in UTC; ids are opaque.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Variables = { [name: string]: Json };

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

// --- sign-in ---------------------------------------------------------------------------------------------------------
export type Role = "administrator" | "operator" | "analyst" | "starter" | "participant" | "worker";

export interface SessionUser {
  name: string;
  display_name: string;
  roles: Role[];
  groups: string[];
  tenant_id: string;
}

export interface Session {
  user: SessionUser;
  csrf_token: string;
}

// --- deployments and drafts ------------------------------------------------------------------------------------------
export interface DiagramProblem {
  code: string;
  message: string;
  severity: "error" | "warning";
  element_id: string | null;
  line: number | null;
  file: string | null;
}

export interface CheckResult {
  deployable: boolean;
  problems: DiagramProblem[];
}

export type FieldType = "string" | "text" | "integer" | "number" | "boolean" | "date" | "enum";

export interface FieldOption {
  value: string;
  label: string;
}

export interface FormField {
  name: string;
  label: string;
  type: FieldType;
  required: boolean;
  read_only: boolean;
  default: Json;
  options: FieldOption[];
}

export interface ProcessDefinition {
  id: string;
  key: string;
  version: number;
  name: string;
  deployment_id: string;
  file_name: string;
  deployed_at: string;
  deployed_by: string;
  start_fields: FormField[];
}

export interface Deployment {
  id: string;
  name: string;
  deployed_at: string;
  deployed_by: string;
  created: boolean;
  definitions: ProcessDefinition[];
  problems: DiagramProblem[];
}

export interface Draft {
  id: string;
  name: string;
  version: number;
  created_at: string;
  updated_at: string;
  updated_by: string;
  xml: string | null;
}

export interface ElementStatistics {
  element_id: string;
  active: number;
  completed: number;
  cancelled: number;
  incidents: number;
}

export interface DefinitionStatistics {
  instances: number;
  active: number;
  elements: ElementStatistics[];
}

// --- process instances -----------------------------------------------------------------------------------------------
export type InstanceState = "active" | "suspended" | "completed" | "cancelled" | "failed";

export interface ProcessInstance {
  id: string;
  definition_id: string;
  definition_key: string;
  definition_version: number;
  definition_name: string;
  business_key: string | null;
  state: InstanceState;
  version: number;
  started_at: string;
  started_by: string;
  ended_at: string | null;
  incidents: number;
  /** The instance that called this one, and its call activity. */
  parent_id?: string | null;
  parent_element_id?: string | null;
}

export type WaitingKind = "user_task" | "job" | "timer" | "message" | "signal" | "call" | "ad_hoc";

/** One thing that an instance waits for. */
export interface Waiting {
  id: string;
  kind: WaitingKind;
  element_id: string;
  element_name: string | null;
  /** Of the task, topic, message, signal or called process. */
  name: string | null;
  state: string | null;
  due_at: string | null;
  keys: Variables;
  called_instance_id: string | null;
  /** Activities of an ad-hoc sub-process that can be started. */
  startable: string[];
}

export type ActivityState = "active" | "completed" | "cancelled" | "failed";

export interface ActivityInstance {
  id: number;
  element_id: string;
  element_name: string | null;
  kind: string;
  parent: number | null;
  flow_id: string | null;
  state: ActivityState;
  started_at: string;
  ended_at: string | null;
  detail: { [name: string]: Json } | null;
}

export interface AwaitedFlow {
  flow_id: string;
  source_id: string;
  source_name: string | null;
  arrived: number;
}

export interface Join {
  element_id: string;
  element_name: string | null;
  scope_id: number;
  flows: AwaitedFlow[];
}

export interface Activities extends Page<ActivityInstance> {
  joins: Join[];
}

export interface Variable {
  scope_id: number;
  scope_element_id: string | null;
  name: string;
  value: Json;
}

export interface VariableList {
  items: Variable[];
}

// --- user tasks, jobs, incidents -------------------------------------------------------------------------------------
export type UserTaskState = "open" | "completed" | "cancelled";

export interface UserTask {
  id: string;
  process_instance_id: string;
  definition_id: string;
  definition_key: string;
  definition_name: string;
  business_key: string | null;
  element_id: string;
  name: string;
  documentation: string | null;
  assignee: string | null;
  candidate_users: string[];
  candidate_groups: string[];
  priority: number;
  state: UserTaskState;
  created_at: string;
  ended_at: string | null;
  completed_by: string | null;
  fields: FormField[];
  suspended: boolean;
  variables: Variables | null;
}

export interface UserTaskCounts {
  mine: number;
  claimable: number;
}

export interface Job {
  id: string;
  topic: string;
  state: "available" | "locked" | "failed";
  retries: number;
  process_instance_id: string;
  definition_key: string;
  element_id: string;
  worker_id: string | null;
  lock_expires_at: string | null;
  due_at: string | null;
  created_at: string;
  error_message: string | null;
  error_detail: string | null;
}

export interface Incident {
  id: string;
  kind: string;
  message: string;
  detail: string | null;
  process_instance_id: string;
  definition_key: string;
  element_id: string;
  element_name: string | null;
  job_id: string | null;
  retryable: boolean;
  state: "open" | "resolved";
  created_at: string;
  resolved_at: string | null;
  resolved_by: string | null;
}

// --- the live stream -------------------------------------------------------------------------------------------------
/** What a WebSocket message says: something changed; fetch it again to see what it is now. */
export interface Change {
  topic: string;
  kind: string;
  id: string | null;
  instance_id: string | null;
  definition_key: string | null;
  element_id: string | null;
  version: number | null;
  cursor: string;
  at: string;
}
