import type { StepTime } from "../../scenario/serving.js";

/**
 * No leap and no step lasts longer, ps (2^52, 75 minutes): sums and products of times stay whole numbers that a double
 * holds exactly. A slower step lasts this long.
 */
export const LONGEST_PS = 4_503_599_627_370_496;

/** Picoseconds in a microsecond. */
export const PS_PER_US = 1e6;

/**
 * Step times in whole picoseconds. Coefficients are rounded once, when the speed is set: afterwards everything is
 * whole numbers, so n steps at once cost exactly what n steps cost one by one. A coefficient under half a
 * picosecond counts as none.
 */
export class StepPs {
  private readonly stepTime: StepTime;
  private basePs = 0;
  private prefillPs = 0;
  private decodePs = 0;
  private contextPs = 0;

  constructor(stepTime: StepTime) {
    this.stepTime = stepTime;
    this.setSpeed(1);
  }

  /** Makes steps last `factor` times what the scenario says (a finite number > 0). */
  setSpeed(factor: number): void {
    if (!(factor > 0 && factor < Infinity)) throw new Error(`bug: step factor must be > 0, got ${factor}`);
    const { baseUs, prefillUsPerToken, decodeUsPerSequence, kvUsPerToken } = this.stepTime;
    this.basePs = Math.round(baseUs * PS_PER_US * factor);
    this.prefillPs = Math.round(prefillUsPerToken * PS_PER_US * factor);
    this.decodePs = Math.round(decodeUsPerSequence * PS_PER_US * factor);
    this.contextPs = Math.round(kvUsPerToken * PS_PER_US * factor);
  }

  /** One step of so many prompt tokens and of decodes whose contexts sum to `contextTokens`, ps. */
  stepPs(prefillTokens: number, decodes: number, contextTokens: number): number {
    const ps =
      this.basePs + this.prefillPs * prefillTokens + this.decodePs * decodes + this.contextPs * contextTokens;
    return Math.min(ps, LONGEST_PS);
  }

  /** How much longer each step of the same decodes is than the one before, ps: every context grows by a token. */
  growthPs(decodes: number): number {
    return Math.min(this.contextPs * decodes, LONGEST_PS);
  }
}
