/** What a client knows about targets at compile time: their names, what they take and what they give. Types only. */

/** One function. `input` is what a caller writes (before defaults), `output` what the execution ends with. */
export interface Signature {
  readonly input: unknown;
  readonly output: unknown;
}

/** Target → signature. Written by hand, or inferred by `CatalogOf`. An interface will do. */
export type Catalog<C> = { readonly [Target in keyof C]: Signature };

/** Any target may be called, and nothing is known about what it gives. */
export interface UntypedCatalog {
  readonly [target: string]: { readonly input: object; readonly output: unknown };
}

export type TargetOf<C> = keyof C & string;
export type InputOf<C, T extends keyof C> = C[T] extends { readonly input: infer Input } ? Input : never;
export type OutputOf<C, T extends keyof C> = C[T] extends { readonly output: infer Output } ? Output : never;

/** An agent whose type carries the signatures of its functions; the field exists for the compiler only. */
interface TypedAgent {
  readonly id: string;
  readonly "~functions"?: unknown;
}

/** A definition of an agentic execution: a function of the agent it names. */
interface TypedDefinition {
  readonly agent: { readonly id: string };
  readonly "~functions"?: unknown;
}

type TargetsOf<Offered> = Offered extends { readonly agent: infer Agent; readonly "~functions"?: infer Functions }
  ? TargetsOfAgent<Agent & { readonly "~functions"?: Functions }>
  : TargetsOfAgent<Offered>;

type TargetsOfAgent<Agent> = Agent extends {
  readonly id: infer Id extends string;
  readonly "~functions"?: infer Functions;
}
  ? { readonly [Name in keyof Functions & string as `${Id}.${Name}`]: Functions[Name] }
  : never;

type Intersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** The catalog of what `defineAgent` and `defineExecution` declared: `createClient<CatalogOf<typeof agents>>(…)`. */
export type CatalogOf<Offered extends readonly (TypedAgent | TypedDefinition)[]> = Intersection<
  TargetsOf<Offered[number]>
>;
