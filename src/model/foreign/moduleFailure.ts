/** A module that makes no router. */

/**
 * Thrown before the simulation when the function of a policy's module throws or makes nothing with a `route` method:
 * every gateway needs a router, so there is nothing to simulate. `cause` is what was thrown, if anything was.
 */
export class PolicyModuleError extends Error {
  override readonly name: string = "PolicyModuleError";
  /** The module, as the scenario names it. */
  readonly module: string;

  constructor(module: string, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.module = module;
  }
}
