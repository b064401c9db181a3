/** Functions that agents with a role have, by name. */
/** Of every agent with a model. */
export const CHAT = "chat";
export const RUN = "run";
export const PLAN = "plan";
export const EXECUTE = "execute";

export const chatTarget = (agent: string): string => `${agent}.${CHAT}`;
export const runTarget = (agent: string): string => `${agent}.${RUN}`;
