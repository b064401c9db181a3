import { describe, expect, it } from "vitest";
import { bindingAdvice, bindingFaults, nodesMissing } from "../../../src/compose/environment/bindings.ts";
import { queueRulesOf } from "../../../src/compose/queue-rules.ts";
import { problemOf } from "../../../src/contract/problem.ts";
import { refuse } from "../../../src/domain/values/fault.ts";

const namespace = { idFromName: () => null };
const whole = {
  EXECUTIONS: namespace,
  PROJECTORS: namespace,
  REGISTRY: { prepare: () => null },
  FILES: { put: () => null },
};

describe("the bindings of a Worker", () => {
  it("of classes that came later may be missing: what is without each is said, with the lines and a migration of its own", () => {
    const later = {
      ...{ INTAKES: namespace, LIMITERS: namespace, MEMORIES: namespace, NODES: namespace },
      SCHEDULES: namespace,
    };
    expect(bindingAdvice({ ...whole, ...later })).toEqual([]);
    const [advice, ...more] = bindingAdvice({ ...whole, ...later, MEMORIES: undefined });
    expect(more).toEqual([]);
    expect(advice).toMatch(/^calls of memory are refused\. the wrangler file has no binding MEMORIES/);
    expect(advice).toContain('class_name = "MemoryActor"');
    expect(advice).toContain('[[migrations]]\ntag = "v4"\nnew_sqlite_classes = ["MemoryActor"]');
    expect(bindingFaults({ ...whole, MEMORIES: "text" })[0]).toContain("binds MEMORIES to something else");
  });

  it("are whole, and nothing is said", () => {
    expect(bindingFaults(whole)).toEqual([]);
  });

  it.each(Object.keys(whole))("lack %s: it is named with the lines to paste", (name) => {
    const [fault, ...more] = bindingFaults({ ...whole, [name]: undefined });
    expect(more).toEqual([]);
    expect(fault).toContain(`the wrangler file has no binding ${name}`);
    expect(fault).toMatch(new RegExp(`\\n(name|binding) = "${name}"`));
    expect(bindingFaults({ ...whole, [name]: "text" })[0]).toContain(`binds ${name} to something else`);
  });

  it("lack INTAKES or LIMITERS: the Worker serves without queues or limits, and its log says what to add", () => {
    expect(bindingFaults({ ...whole, INTAKES: undefined })).toEqual([]);
    const [advice = "", ...more] = bindingAdvice({ ...whole, NODES: namespace, SCHEDULES: namespace });
    expect(more.filter((text) => text.includes("IntakeActor"))).toEqual([]);
    expect(advice).toMatch(/^starts are not queued.*the wrangler file has no binding INTAKES/s);
    expect(advice).toContain('[[migrations]]\ntag = "v3"\nnew_sqlite_classes = ["IntakeActor"]');
    const [limiters = ""] = bindingAdvice({
      ...whole,
      ...{ INTAKES: namespace, MEMORIES: namespace, NODES: namespace, SCHEDULES: namespace },
    });
    expect(limiters).toMatch(/^concurrency limits are not held.*the wrangler file has no binding LIMITERS/s);
    expect(limiters).toContain('[[migrations]]\ntag = "v7"\nnew_sqlite_classes = ["LimiterActor"]');
    expect(
      bindingAdvice({
        ...whole,
        ...{ INTAKES: namespace, LIMITERS: namespace, MEMORIES: namespace, NODES: namespace, SCHEDULES: namespace },
      }),
    ).toEqual([]);
    expect(bindingFaults({ ...whole, INTAKES: "text" })[0]).toContain("binds INTAKES to something else");
  });

  it("lack LIMITERS: a start reads no rules of queues, and is in none", () => {
    let reads = 0;
    const prepare = () => {
      reads += 1;
      throw new Error("the index is read");
    };
    const REGISTRY = { prepare } as unknown as D1Database;
    expect([queueRulesOf({ REGISTRY }).of("acme"), reads]).toEqual([undefined, 0]);
    void queueRulesOf({ REGISTRY, LIMITERS: namespace as unknown as DurableObjectNamespace }).of("acme");
    expect(reads).toBe(1);
  });

  it("are all named at once, each class with its migration", () => {
    const faults = bindingFaults({});
    expect(faults).toHaveLength(1);
    for (const name of ["ExecutionActor", "ProjectorActor"]) expect(faults[0]).toContain(`class_name = "${name}"`);
    for (const name of ["REGISTRY", "FILES"]) expect(faults[0]).toContain(`binding = "${name}"`);
    // Pasted as they are, the lines are a wrangler file: a tag may be there once.
    expect(faults[0]?.match(/tag = "v1"\nnew_sqlite_classes = \["ExecutionActor", "ProjectorActor"\]/g)).toHaveLength(
      1,
    );
    expect(problemOf(refuse("misconfigured", faults[0] ?? ""), "req_1").detail).toContain(faults[0]);
  });

  it("may lack the directory of nodes; who asks for nodes hears the lines to paste", () => {
    expect(bindingFaults({ ...whole, NODES: undefined })).toEqual([]);
    expect(bindingFaults({ ...whole, NODES: "text" })[0]).toContain("binds NODES to something else");
    expect(nodesMissing()).toContain('name = "NODES"\nclass_name = "NodeDirectoryActor"');
    expect(nodesMissing()).toContain('tag = "v5"\nnew_sqlite_classes = ["NodeDirectoryActor"]');
  });
});
