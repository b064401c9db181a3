/** Names the code that runs here: the version that the platform deployed, or what the launcher of a laptop says. */
export interface DeploymentBindings {
  readonly CF_VERSION_METADATA?: { readonly id: string };
  readonly ERRAND_DEPLOYMENT?: string;
}

/** At most 200 characters. One name for all code where nothing names it. */
export function deploymentOf({ CF_VERSION_METADATA: version, ERRAND_DEPLOYMENT: said }: DeploymentBindings): string {
  return (said || version?.id || "unnamed").slice(0, 200);
}
