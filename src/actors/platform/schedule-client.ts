/** Remote schedules become the port that the operations know. A binding that is missing refuses every call. */

import type { Refusal } from "../../domain/values/fault.ts";
import type { Admit } from "../../operations/admission.ts";
import type { ScheduleClient, SchedulePlace } from "../../operations/schedules/ports.ts";
import { callActor } from "./call-actor.ts";
import { namespaceOf } from "./jurisdiction.ts";

type Call<T> = (actor: ScheduleClient) => Promise<T>;

/** By which it is found, and counted among the objects of a machine. */
const scheduleName = ({ tenant, id }: SchedulePlace): string => JSON.stringify([tenant, id]);
export const countedAs = (place: SchedulePlace): string => `schedule ${scheduleName(place)}`;

export function scheduleClient(namespace: DurableObjectNamespace | Refusal, admit: Admit): ScheduleClient {
  const ask = async <T>(place: SchedulePlace, call: Call<T>, repeatable = true): Promise<T | Refusal> => {
    if ("ok" in namespace) return namespace;
    const full = admit(countedAs(place));
    if (full) return full;
    const object = namespaceOf(namespace, place.tenant).idFromName(scheduleName(place));
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
