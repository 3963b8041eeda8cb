/** `regionsim worker`: runs segments of sweeps that others send to a backend. */
import { backendAddress, backendUrl } from "../backends/address.js";
import { workOnSegments } from "../backends/worker.js";
import { EXIT, type ExitCode } from "../exitCodes.js";

/** Arguments of {@link worker}. */
export interface WorkerArguments {
  readonly backend: string;
  readonly jobs?: number | undefined;
  readonly lease?: number | undefined;
  readonly idle?: number | undefined;
}

const LEASE_S = 30;
const MS_PER_S = 1000;

/** Works until it is told to end, or was idle for as long as it was told; a second signal ends it at once. */
export async function worker({ backend, jobs, lease, idle }: WorkerArguments): Promise<ExitCode> {
  const address = backendAddress(backend);
  await workOnSegments({
    address,
    url: backendUrl(backend),
    jobs,
    leaseMs: (lease ?? LEASE_S) * MS_PER_S,
    idleMs: idle === undefined ? null : idle * MS_PER_S,
    stop: firstSignal(),
  });
  return EXIT.ok;
}

/** Machines that are lent are taken back with a signal and some time to finish. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const [signal, code] of [
      ["SIGINT", EXIT.interrupted],
      ["SIGTERM", EXIT.terminated],
    ] as const) {
      process.removeAllListeners(signal);
      process.once(signal, () => {
        process.on(signal, () => process.exit(code));
        resolve();
      });
    }
  });
}
