/** Functions that agents with a role have, by name. */
export const RUN = "run";
export const PLAN = "plan";
export const EXECUTE = "execute";

export const runTarget = (agent: string): string => `${agent}.${RUN}`;
