/** The name of the object that keeps a tenant's directory of nodes. */
export const directoryName = (tenant: string) => JSON.stringify(["nodes", tenant]);
