/**
 * Sockets whose frames the router makes itself (the feed of lists, the plan stream): how many of them a tenant has, and
 * what they have not read. Counted in this isolate's memory, where it lies.
 *
 * - Where a tenant's room is full its reader with most unread is cut, and comes back with the last it has.
 * - What a cut one has not read counts until its connection ends: until then the platform keeps it.
 */
import { shareOf } from "../../contract/stream/flow-control.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { inWords } from "../../domain/values/limits.ts";

/** One socket among its tenant's. */
export interface Place {
  /** Says how much it has not read, with what is about to be sent; false when this one was cut for it. */
  holds(unread: number): boolean;
  /** After how much its reader is asked how far it is. */
  readonly share: number;
  /** Its connection has ended. */
  leave(): void;
}

interface Member {
  unread: number;
  isCut: boolean;
  readonly cut: () => void;
}

export class Relays {
  readonly #limits: Limits;
  readonly #tenants = new Map<string, Set<Member>>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Before a socket is accepted; `cut` closes it. */
  enter(tenant: string, cut: () => void): Result<Place> {
    const members = this.#tenants.get(tenant) ?? new Set<Member>();
    const { feeds, feedBytes } = this.#limits;
    if (members.size >= feeds)
      return refuse("too_many_readers", `${members.size} are open; ${inWords("feeds", this.#limits)} are taken`);
    const lingering = sumOf([...members].filter(({ isCut }) => isCut));
    if (lingering >= feedBytes)
      return refuse(
        "too_many_readers",
        `readers that were cut have not read ${lingering} bytes yet; ${inWords("feedBytes", this.#limits)} are kept`,
      );
    const member: Member = { unread: 0, isCut: false, cut };
    this.#tenants.set(tenant, members.add(member));
    return accept({
      holds: (unread) => {
        member.unread = unread;
        this.#makeRoom(members);
        return !member.isCut;
      },
      get share() {
        return shareOf(feedBytes, members.size);
      },
      leave: () => {
        members.delete(member);
        if (members.size === 0) this.#tenants.delete(tenant);
      },
    });
  }

  #makeRoom(members: ReadonlySet<Member>): void {
    while (sumOf([...members]) > this.#limits.feedBytes) {
      const fullest = [...members].filter(({ isCut }) => !isCut).sort((a, b) => b.unread - a.unread)[0];
      if (!fullest || fullest.unread === 0) return;
      fullest.isCut = true;
      fullest.cut();
    }
  }
}

function sumOf(members: readonly Member[]): number {
  return members.reduce((sum, { unread }) => sum + unread, 0);
}
