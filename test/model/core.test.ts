/** The event loop's bookkeeping, against the plainest reading of it: an event runs, then is gone. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { F_ORDER, F64 } from "../../src/model/attempts.js";
import { Core, PHASE_RELEASE, PHASE_SEIZE, TO_USER } from "../../src/model/core.js";

/** Runs the head event with a handler; says which record it belonged to, or −1 if it was stale. */
function step(core: Core, handle: (slot: number) => void): number {
  core.nowUs = core.events.nextTimeUs();
  const slot = core.events.nextId();
  if (core.attempts.f64[slot * F64 + F_ORDER] !== core.events.nextOrder()) {
    core.events.pop();
    return -1;
  }
  core.begin(slot, core.events.nextOrder());
  handle(slot);
  core.end();
  return slot;
}

describe("core", () => {
  it("keeps an event that another schedules before itself at the same instant", () => {
    const core = new Core();
    const [seizing, releasing] = [core.attempts.alloc(), core.attempts.alloc()];
    core.schedule(seizing, 10, PHASE_SEIZE, TO_USER);
    step(core, () => core.schedule(releasing, 10, PHASE_RELEASE, TO_USER));
    expect(core.events.size).toBe(1);
    expect(step(core, () => {})).toBe(releasing);
  });

  it("keeps both when the running record is rescheduled before or after that", () => {
    for (const againFirst of [true, false]) {
      const core = new Core();
      const [seizing, releasing] = [core.attempts.alloc(), core.attempts.alloc()];
      core.schedule(seizing, 10, PHASE_SEIZE, TO_USER);
      step(core, () => {
        if (againFirst) core.schedule(seizing, 30, PHASE_SEIZE, TO_USER);
        core.schedule(releasing, 10, PHASE_RELEASE, TO_USER);
        if (!againFirst) core.schedule(seizing, 30, PHASE_SEIZE, TO_USER);
      });
      expect([step(core, () => {}), step(core, () => {})]).toEqual([releasing, seizing]);
      expect(core.nowUs).toBe(30);
      expect(core.events.size).toBe(0);
    }
  });

  it("runs exactly the events last given to each record, in order of time, phase and scheduling", () => {
    const change = fc.record({ slot: fc.nat(3), delay: fc.nat(2), phase: fc.nat(3) });
    const script = fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 30 });
    fc.assert(
      fc.property(script, (handlers) => {
        expect(played(handlers)).toEqual(expected(handlers));
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

interface Change {
  readonly slot: number;
  readonly delay: number;
  readonly phase: number;
}

const FIRST: Change = { slot: 0, delay: 0, phase: 2 };

/** What the engine runs when its n-th event makes the n-th list of changes: `record@time`. */
function played(handlers: readonly (readonly Change[])[]): string[] {
  const core = new Core();
  for (let i = 0; i < 4; i++) core.attempts.alloc();
  const make = ({ slot, delay, phase }: Change): void =>
    core.schedule(slot, core.nowUs + delay, phase, TO_USER);
  make(FIRST);
  const ran: string[] = [];
  while (core.events.size > 0) {
    const slot = step(core, () => handlers[ran.length]?.forEach(make));
    if (slot >= 0) ran.push(`${slot}@${core.nowUs}`);
  }
  return ran;
}

/** The same with a plain list, searched from end to end. */
function expected(handlers: readonly (readonly Change[])[]): string[] {
  const pending = new Map<number, { timeUs: number; phase: number; sequence: number }>();
  let nowUs = 0;
  let sequence = 0;
  const make = ({ slot, delay, phase }: Change): void => {
    pending.set(slot, { timeUs: nowUs + delay, phase, sequence });
    sequence += 1;
  };
  make(FIRST);
  const ran: string[] = [];
  while (pending.size > 0) {
    const [slot, event] = [...pending].sort(
      ([, a], [, b]) => a.timeUs - b.timeUs || a.phase - b.phase || a.sequence - b.sequence,
    )[0]!;
    pending.delete(slot);
    nowUs = event.timeUs;
    handlers[ran.length]?.forEach(make);
    ran.push(`${slot}@${nowUs}`);
  }
  return ran;
}
