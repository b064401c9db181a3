/** Nodes: agents that run elsewhere, and what all agents offer. */
import * as z from "zod";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, read, V1 } from "../endpoint-parts.ts";
import {
  BulkStatusBody,
  ClaimBody,
  DoneBody,
  HeartbeatBody,
  LeaseBody,
  NodeList,
  NodeStatusBody,
  NodeVersionsBody,
  RegisteredBody,
} from "./body.ts";
import { DiscoveryBody, DiscoveryQuery } from "./discovery.ts";
import {
  ActionAckRequest,
  BulkStatusRequest,
  ClaimRequest,
  HeartbeatRequest,
  LeaseRequest,
  LifecycleRequest,
  NodesQuery,
  RegisterRequest,
  RegisterServerlessRequest,
  ShutdownRequest,
  WeightRequest,
} from "./requests.ts";

const NODE = `${V1}/nodes/{node_id}`;
const TAG = "Nodes";

const registration = [...entry, ...body, "address_refused", "node_taken", "too_many_nodes"] as const;
/** What a node says of itself, and what its operator says of it. */
const said = [...read, ...body] as const;
const own = { tag: TAG, scope: "agent" } as const;
const seen = { tag: TAG, scope: "read", orScope: "agent" } as const;

const register = {
  ...own,
  method: "POST",
  body: RegisterRequest,
  bodyBytes: BODY_BYTES.start,
  answers: { 201: answer("Registered", RegisteredBody) },
  faults: registration,
} as const;
const lifecycle = {
  ...own,
  path: `${NODE}/lifecycle/status`,
  body: LifecycleRequest,
  bodyBytes: BODY_BYTES.small,
  answers: { 200: answer("Taken", DoneBody) },
  faults: said,
} as const;
const operator = { ...own, method: "POST", answers: { 200: answer("Taken", DoneBody) }, faults: read } as const;

export const NODE_ENDPOINTS = {
  registerNode: endpoint({
    ...register,
    id: "registerNode",
    path: `${V1}/nodes/register`,
    summary: "Register an agent that runs elsewhere, or one of its versions anew; the first owner of an id keeps it",
  }),
  registerNodeShort: endpoint({
    ...register,
    id: "registerNodeShort",
    path: `${V1}/nodes`,
    summary: "The same as nodes/register",
  }),
  registerServerless: endpoint({
    ...register,
    id: "registerServerless",
    path: `${V1}/nodes/register-serverless`,
    summary: "Register a serverless agent: what it offers is read from its own invocation_url/discover",
    body: RegisterServerlessRequest,
    bodyBytes: BODY_BYTES.small,
    faults: [...registration, "node_unreachable"],
  }),
  listNodes: endpoint({
    ...seen,
    id: "listNodes",
    method: "GET",
    path: `${V1}/nodes`,
    summary: "Nodes of the tenant by id and version; without filters those that are not inactive",
    query: NodesQuery,
    answers: { 200: answer("A page, of at most about 1 MiB", NodeList) },
    faults: [...entry, "invalid_input", "invalid_cursor"],
  }),
  getNode: endpoint({
    ...seen,
    id: "getNode",
    method: "GET",
    path: NODE,
    summary: "One node: the version that registered last, and the others by name",
    answers: { 200: answer("The node", NodeVersionsBody) },
    faults: read,
  }),
  removeNode: endpoint({
    ...own,
    id: "removeNode",
    method: "DELETE",
    path: NODE,
    summary: "Forget a node with all its versions; its id is free again",
    answers: { 200: answer("Removed", DoneBody) },
    faults: read,
  }),
  heartbeat: endpoint({
    ...own,
    id: "heartbeat",
    method: "POST",
    path: `${NODE}/heartbeat`,
    summary: "A sign of life; the body may be absent",
    body: HeartbeatRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("Heard", HeartbeatBody) },
    faults: said,
  }),
  renewLease: endpoint({
    ...own,
    id: "renewLease",
    method: "PATCH",
    path: `${NODE}/status`,
    summary: "A sign of life as a lease: when to renew it is in the answer",
    body: LeaseRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("Renewed", LeaseBody) },
    faults: said,
  }),
  nodeStatus: endpoint({
    ...seen,
    id: "nodeStatus",
    method: "GET",
    path: `${NODE}/status`,
    summary: "Whether a node is there, and how it is",
    answers: { 200: answer("Its status", NodeStatusBody) },
    faults: read,
  }),
  bulkNodeStatus: endpoint({
    ...seen,
    id: "bulkNodeStatus",
    method: "POST",
    path: `${V1}/nodes/status/bulk`,
    summary: "The status of up to 50 nodes",
    body: BulkStatusRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("All are known", BulkStatusBody), 207: answer("Some are not known", BulkStatusBody) },
    faults: [...entry, ...body],
  }),
  shutdownNode: endpoint({
    ...own,
    id: "shutdownNode",
    method: "POST",
    path: `${NODE}/shutdown`,
    summary: "A node says that it goes: nothing is sent there until it is heard of again",
    body: ShutdownRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 202: answer("Taken", LeaseBody) },
    faults: said,
  }),
  startNode: endpoint({
    ...operator,
    id: "startNode",
    path: `${NODE}/start`,
    summary: "Let a stopped node be called again",
  }),
  stopNode: endpoint({
    ...operator,
    id: "stopNode",
    path: `${NODE}/stop`,
    summary: "Send nothing to a node until it is started; its heartbeats do not lift this",
  }),
  moveNode: endpoint({
    ...lifecycle,
    id: "moveNode",
    method: "PATCH",
    summary: "Say how a node is: starting, ready, degraded or offline",
  }),
  moveNodeByPost: endpoint({
    ...lifecycle,
    id: "moveNodeByPost",
    method: "POST",
    summary: "The same as with PATCH",
  }),
  endMonitoring: endpoint({
    ...own,
    id: "endMonitoring",
    method: "DELETE",
    path: `${NODE}/monitoring`,
    summary: "Ask a node no longer whether it is there, until it registers again",
    answers: { 200: answer("Taken", DoneBody) },
    faults: read,
  }),
  weighNode: endpoint({
    ...own,
    id: "weighNode",
    method: "PUT",
    path: `${NODE}/versions/{version}/weight`,
    summary: "Set the share of calls that one version of a node gets; 0 takes it out of the rotation",
    body: WeightRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("Taken", DoneBody) },
    faults: said,
  }),
  acknowledgeAction: endpoint({
    ...own,
    id: "acknowledgeAction",
    method: "POST",
    path: `${NODE}/actions/ack`,
    summary: "Renews the lease of a node that acknowledges an action; executions are reported elsewhere",
    body: ActionAckRequest,
    bodyBytes: BODY_BYTES.value,
    answers: { 200: answer("Renewed", LeaseBody) },
    faults: said,
  }),
  claimActions: endpoint({
    ...own,
    id: "claimActions",
    method: "POST",
    path: `${V1}/actions/claim`,
    summary: "Renews the lease of a node that polls; there is never anything to claim",
    body: ClaimRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("Renewed", ClaimBody) },
    faults: said,
  }),
  discoverCapabilities: endpoint({
    ...seen,
    id: "discoverCapabilities",
    method: "GET",
    path: `${V1}/discovery/capabilities`,
    summary: "What local and remote agents offer, filtered; as JSON, XML or compact JSON",
    query: DiscoveryQuery,
    answers: {
      200: answer(
        "A page; format=compact and format=xml are other forms of it",
        z.union([DiscoveryBody, z.looseObject({})]),
      ),
    },
    faults: [...entry, "invalid_input"],
  }),
} as const;
