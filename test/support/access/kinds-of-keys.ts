/**
 * What each kind of key hears from each row of the endpoint table, of an execution of Olga's that waits for an approval. A new
 * endpoint is added here too.
 */

/** In the order of the numbers below. All are of Olga's tenant. */
export const KINDS = {
  /** Olga's own eyes, masked: support staff. */
  viewer: { subject: "olga", scopes: ["read"], masked: true },
  /** A colleague who decides, and does nothing else. */
  approver: { subject: "ivan", scopes: ["approve"] },
  /** A machine that polls for work. */
  agent: { subject: "larry", scopes: ["agent"] },
  /** An administrator whose key may send so many requests a minute. */
  limited: { subject: "lena", scopes: ["admin"], rate_limit_per_min: 10_000 },
} as const;
export type Kind = keyof typeof KINDS;

type Heard = readonly [viewer: number, approver: number, agent: number, limited: number];

const all = (status: number): Heard => [status, status, status, status];
/** Readers, and administrators. */
const read = (status: number): Heard => [status, 403, 403, status];
/** Who acts: of these keys only the administrator's. */
const act = (status: number): Heard => [403, 403, 403, status];
/** What a node may ask of the executions that were dispatched to it; this one was not. */
const readWorked = (status: number): Heard => [status, 403, 404, status];
const actWorked = (status: number): Heard => [403, 403, 404, status];

/** Nodes: their machines and administrators act on them, readers see them too. */
const node = (status: number): Heard => [403, 403, status, status];
const seen = (status: number): Heard => [status, 403, status, status];

export const HEARD: Readonly<Record<string, Heard>> = {
  home: all(200),
  health: all(200),
  healthV1: all(200),
  ready: all(200),
  readyV1: all(200),
  prometheus: all(200),
  openapi: all(200),
  docs: all(200),
  /** No webhook secret is configured. */
  approvalResponseWebhook: all(503),

  listAgents: read(200),
  getAgent: read(200),
  listDefinitions: read(200),
  listSkills: read(200),
  validateManifest: act(200),
  /** No manifest is sent. */
  runAgent: act(404),
  runAgentAsync: act(404),
  /** It is no run of a manifest. */
  getLatestRun: read(404),
  getAgentRun: read(404),
  /** An agent of the code has the name. */
  putAgent: act(409),
  putExperiment: act(200),
  /** There is none. */
  getExperiment: read(404),
  deleteExperiment: act(204),
  listAgentVersions: read(200),
  deleteAgent: act(204),
  listExecutions: read(200),
  countAttribute: read(200),
  getExecution: readWorked(200),
  listEvents: readWorked(200),
  getLog: read(200),
  getTrace: read(200),
  getConversation: read(200),
  listEffects: read(200),
  checkInvariants: read(200),
  listNotes: readWorked(200),
  getWebhooks: read(200),
  getFile: read(404),
  batchStatus: read(200),
  listSessions: read(200),
  getSession: read(200),
  listThreads: read(404),
  chatSocket: read(400),
  getThread: read(404),
  forgetThread: act(404),
  getRun: read(200),
  getWorkflow: read(200),
  runDag: read(200),
  workflowDag: read(200),
  workflowDagForUi: read(200),
  activeRuns: read(200),
  stream: readWorked(101),
  planStream: read(101),
  feed: read(101),
  uiEvents: read(200),
  createToken: readWorked(201),

  execute: act(202),
  executeAsync: act(202),
  callReasoner: act(202),
  callSkill: act(404),
  cancel: act(200),
  pause: act(200),
  resume: act(409),
  restart: act(409),
  signal: act(202),
  signals: act(202),
  addNote: actWorked(201),
  reportLogs: actWorked(202),
  listLogs: readWorked(200),
  // Of an execution it tells what is known already.
  workflowEvent: actWorked(200),
  awaiterStatus: actWorked(200),
  requestApprovalOfAgent: actWorked(409),
  noteByHeader: actWorked(200),
  noteByHeaderUi: actWorked(200),
  reportStatus: actWorked(409),
  requestApproval: actWorked(409),
  retryWebhook: act(409),
  retryWebhookUi: act(409),
  cancelRun: act(200),
  cancelWorkflow: act(200),

  listApprovals: [200, 200, 403, 200],
  approvalStatus: [200, 200, 404, 200],
  approvalStatusOfAgent: [200, 200, 404, 200],
  approve: [403, 200, 403, 200],
  approveByWebhook: [403, 200, 403, 200],
  /** Nothing is in doubt, which is the execution's own affair. */
  resolve: [403, 404, 403, 409],

  /** A node reads and writes; a viewer reads. */
  setMemory: [403, 403, 200, 200],
  getMemory: [404, 403, 404, 404],
  deleteMemory: [403, 403, 204, 204],
  listMemory: [400, 403, 400, 400],
  setVector: [403, 403, 200, 200],
  putVector: [403, 403, 200, 200],
  searchVectors: [200, 403, 200, 200],
  deleteVector: [403, 403, 204, 204],
  deleteVectorNamespace: [403, 403, 204, 204],
  getVector: [404, 403, 404, 404],
  deleteVectorByPath: [403, 403, 204, 204],
  memorySocket: [101, 403, 101, 101],
  memoryEvents: [200, 403, 200, 200],
  memoryHistory: [200, 403, 200, 200],
  listNodes: seen(200),
  discoverCapabilities: seen(200),
  bulkNodeStatus: seen(207),
  getNode: seen(404),
  nodeStatus: seen(404),
  registerNode: node(400),
  registerNodeShort: node(400),
  registerServerless: node(400),
  removeNode: node(404),
  heartbeat: node(404),
  renewLease: node(404),
  shutdownNode: node(404),
  startNode: node(404),
  stopNode: node(404),
  moveNode: node(404),
  moveNodeByPost: node(404),
  endMonitoring: node(404),
  weighNode: node(404),
  acknowledgeAction: node(404),
  claimActions: node(404),

  /** Without another's key they change nothing of it, and there is no agent "approvals". */
  registerAgent: act(201),
  listPollingAgents: seen(200),
  getPollingAgent: seen(404),
  changePollingAgent: [403, 403, 404, 404],
  removePollingAgent: [403, 403, 404, 404],
  rotateAgentKey: [403, 403, 404, 404],
  decomposeTask: [403, 403, 404, 404],
  createPlan: act(201),
  validatePlan: act(200),
  listPlans: read(200),
  getPlan: read(200),
  listPlanVersions: read(200),
  deletePlan: act(204),
  startPlan: act(201),
  listPlanExecutions: read(200),
  getPlanExecution: readWorked(404),
  changePlanExecution: act(404),
  resolveTask: [403, 404, 403, 404],
  listReports: readWorked(404),
  reportEvents: [403, 403, 403, 404],
  pollWork: [403, 403, 404, 404],
  createSchedule: act(201),
  listSchedules: read(200),
  getSchedule: read(404),
  changeSchedule: act(404),
  deleteSchedule: act(404),
  pauseSchedule: act(404),
  resumeSchedule: act(404),
  triggerSchedule: act(404),
  listFirings: read(404),
  nextInstants: read(404),

  createKey: act(201),
  listKeys: act(200),
  metrics: read(200),
  operations: act(200),
  bulk: act(200),
  getRetention: act(200),
  setRetention: act(200),
  /** Who decides is told where there is something to decide. */
  getNotifications: [200, 200, 403, 200],
  setNotifications: [403, 200, 403, 200],
  removeNotifications: [403, 204, 403, 204],
  revokeKey: act(200),
  listTenants: act(200),
  /** The root key alone moves tenants. */
  moveTenant: act(404),
  listQueues: read(200),
  setQueue: act(400),
  pauseQueue: act(400),
  resumeQueue: act(400),
  /** It is still kept. */
  getArchive: act(409),
};
