/** What a queue holds: the time, the order among equal times, the id. */
export interface Pending {
  timeUs: number;
  order: number;
  id: number;
}

/** Whether `a` comes before `b` in the total order (time, order). */
export function isBefore(a: Pending, b: Pending): boolean {
  return a.timeUs < b.timeUs || (a.timeUs === b.timeUs && a.order < b.order);
}

/** The dumbest correct queue: a list searched from end to end. */
export class ListQueue {
  readonly list: Pending[] = [];

  first(): Pending | undefined {
    let best = this.list[0];
    for (const p of this.list) if (best !== undefined && isBefore(p, best)) best = p;
    return best;
  }

  find(id: number): Pending | undefined {
    return this.list.find((p) => p.id === id);
  }

  remove(p: Pending): void {
    this.list.splice(this.list.indexOf(p), 1);
  }
}
