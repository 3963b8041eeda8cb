import { LONGEST_PS, PS_PER_US } from "./stepPs.js";

/** Half of the bound for each of the two terms of a leap's cost. */
const HALF_PS = LONGEST_PS / 2;

/**
 * Where a replica stands in time: its last step boundary, and the steps of one composition begun there.
 *
 * Steps grow by the same amount each, so n of them last `first·n + growth·n(n−1)/2`. The boundary is kept as whole
 * µs and whole ps, every sum below 2^53, so a leap ends exactly where its steps one by one would end. To the
 * outside a boundary stands at its time rounded up to whole µs.
 */
export class Leap {
  /** The last boundary passed, whole µs and the picoseconds over. */
  private atUs = 0;
  private atPs = 0;
  private firstPs = 0;
  private growthPs = 0;
  /** Steps of this leap that are still to come; 0 for a boundary that is due as it is. */
  steps = 0;
  /** When the leap ends, rounded up to whole µs; Infinity without one. */
  endUs: number = Infinity;

  /** The last boundary, rounded up to whole µs. */
  get lastUs(): number {
    return this.atPs > 0 ? this.atUs + 1 : this.atUs;
  }

  /** Nothing is under way. */
  stop(): void {
    this.steps = 0;
    this.endUs = Infinity;
  }

  /** A boundary at this time, with no step before it: an idle replica has something to begin with. */
  wake(nowUs: number): void {
    this.atUs = nowUs;
    this.atPs = 0;
    this.steps = 0;
    this.endUs = nowUs;
  }

  /** Everything happens so much later: the replica stood still, µs. */
  shift(byUs: number): void {
    this.atUs += byUs;
    this.endUs += byUs;
  }

  /** Begins up to `steps` steps at the last boundary, fewer where sums would no longer be exact. */
  begin(firstPs: number, growthPs: number, steps: number): void {
    this.firstPs = firstPs;
    this.growthPs = growthPs;
    let bounded = steps;
    if (bounded * firstPs > HALF_PS) bounded = Math.floor(HALF_PS / firstPs);
    if (bounded * bounded * growthPs > LONGEST_PS) {
      bounded = Math.min(bounded, Math.floor(Math.sqrt(LONGEST_PS / growthPs)));
    }
    this.setSteps(Math.max(bounded, 1));
  }

  /** Moves the last boundary over the first `steps` steps of the leap. */
  pass(steps: number): void {
    const ps = this.atPs + this.costPs(steps);
    // Exact: quotients of numbers up to 2^52 lie closer together than 1 / PS_PER_US, so none is rounded up to the next.
    const us = Math.floor(ps / PS_PER_US);
    this.atUs += us;
    this.atPs = ps - us * PS_PER_US;
    this.firstPs += this.growthPs * steps;
    this.steps -= steps;
  }

  /** Ends the leap after the first step whose boundary comes after this time, given in whole µs. */
  cutAfter(us: number): void {
    const steps = this.stepsPast(us);
    if (steps < this.steps) this.setSteps(steps);
  }

  /** The least number of steps, at least 1 and at most all of them, whose boundary comes after this time. */
  stepsPast(us: number): number {
    const all = this.steps;
    if (all <= 1) return all;
    const needPs = (us - this.atUs) * PS_PER_US - this.atPs + 1;
    const { firstPs, growthPs } = this;
    if (needPs <= firstPs) return 1;
    if (firstPs === 0) return all;
    // The root of growth/2·n² + (first − growth/2)·n = need, in the form without cancellation.
    const linear = firstPs - growthPs / 2;
    const root = (2 * needPs) / (linear + Math.sqrt(linear * linear + 2 * growthPs * needPs));
    let steps = Math.min(Math.max(Math.ceil(root), 1), all);
    while (steps > 1 && this.costPs(steps - 1) >= needPs) steps -= 1;
    while (steps < all && this.costPs(steps) < needPs) steps += 1;
    return steps;
  }

  private setSteps(steps: number): void {
    this.steps = steps;
    this.endUs = this.atUs + Math.ceil((this.atPs + this.costPs(steps)) / PS_PER_US);
  }

  private costPs(steps: number): number {
    return steps * this.firstPs + ((steps * (steps - 1)) / 2) * this.growthPs;
  }
}
