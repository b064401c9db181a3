/** The Worker of this repository: the examples, put together as a user of the package puts their own Worker together. */
import type { ExamplesEnv } from "./examples/examples.ts";
import type { ErrandEnv } from "./library/index.ts";
import { createErrand, undeclared } from "./library/index.ts";

export interface Env extends ErrandEnv, ExamplesEnv {}

/**
 * Not imported above: a definition that throws while it is declared would keep this module from being there, and the
 * platform answers for a module that is not there with words of its own.
 */
const options = await import("./examples/examples.ts").then(({ examples }) => examples, undeclared);
const errand = createErrand<Env>(options);

export default errand.worker;
export const {
  ExecutionActor,
  IntakeActor,
  LimiterActor,
  MemoryActor,
  NodeDirectoryActor,
  ProjectorActor,
  ScheduleActor,
} = errand.actors;
