/** Remote schedules become the port that the operations know. A binding that is missing refuses every call. */

import type { Refusal } from "../../domain/values/fault.ts";
import type { Admit } from "../../operations/admission.ts";
import type { ScheduleClient, SchedulePlace } from "../../operations/schedule-ports.ts";
import { callActor } from "./call-actor.ts";
import { namespaceOf } from "./jurisdiction.ts";

type Call<T> = (actor: ScheduleClient) => Promise<T>;

export function scheduleClient(namespace: DurableObjectNamespace | Refusal, admit: Admit): ScheduleClient {
  const ask = async <T>({ tenant, id }: SchedulePlace, call: Call<T>, repeatable = true): Promise<T | Refusal> => {
    if ("ok" in namespace) return namespace;
    const name = JSON.stringify([tenant, id]);
    const full = admit(`schedule ${name}`);
    if (full) return full;
    const object = namespaceOf(namespace, tenant).idFromName(name);
    return callActor({ actor: () => namespace.get(object) as unknown as ScheduleClient, call, repeatable });
  };
  return {
    create: (caller, place, given) => ask(place, (actor) => actor.create(caller, place, given)),
    declare: (caller, place, given) => ask(place, (actor) => actor.declare(caller, place, given)),
    get: (caller, place) => ask(place, (actor) => actor.get(caller, place)),
    respecify: (caller, place, change) => ask(place, (actor) => actor.respecify(caller, place, change)),
    hold: (caller, place, held) => ask(place, (actor) => actor.hold(caller, place, held)),
    remove: (caller, place) => ask(place, (actor) => actor.remove(caller, place)),
    // Without a name each is one more.
    trigger: (caller, place, name) => ask(place, (actor) => actor.trigger(caller, place, name), name !== undefined),
    history: (caller, place, page) => ask(place, (actor) => actor.history(caller, place, page)),
  };
}
