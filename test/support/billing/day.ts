/** A day in the life of an object at rest: its alarms go off at their instants, on a clock that jumps from one to the next. */
const DAY_MS = 24 * 3_600_000;

interface AtRest {
  readonly alarmAt: () => Promise<number | null>;
  /** The handler, after the platform has taken the alarm away. */
  readonly alarm: () => Promise<void>;
  /** Lets time pass in the object's isolate. */
  readonly setNow: (ms: number) => void;
}

/** How many alarms went off. */
export async function passADay({ alarmAt, alarm, setNow }: AtRest): Promise<number> {
  const end = Date.now() + DAY_MS;
  for (let fired = 0; ; fired += 1) {
    const at = await alarmAt();
    if (at === null || at > end) return fired;
    setNow(Math.max(at, Date.now()));
    await alarm();
  }
}
