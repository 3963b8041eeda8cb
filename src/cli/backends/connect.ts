/**
 * Queues on a Redis. The libraries are optional: they are imported when a backend is asked for, and whoever asks without
 * having them is told what to install.
 */
import type { Queue } from "bullmq";
import { UsageError } from "../failures.js";
import type { BackendAddress } from "./address.js";
import type { PlanBundle, SegmentJob } from "./wire.js";

/** Jobs of all sweeps. Workers take them in the order they came. */
export const SEGMENT_QUEUE: string = "regionsim-segments";
/** Holds the bundles of sweeps and is worked on by nobody: whatever keeps jobs can keep them. */
export const BUNDLE_QUEUE: string = "regionsim-bundles";

/** How long a backend may take to answer for the first time. */
const FIRST_ANSWER_MS = 3_000;
const RETRY_MS = { first: 100, most: 1_000 } as const;

type BullMq = typeof import("bullmq");

/** How the client of a Redis is to be made. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: Readonly<Record<string, never>>;
  /** Commands wait for a Redis that is down rather than fail. */
  readonly maxRetriesPerRequest: null;
  readonly retryStrategy: (times: number) => number;
}

/** The two queues, and the end of both. */
export interface Backend {
  readonly segments: Queue<SegmentJob, string>;
  readonly bundles: Queue<PlanBundle>;
  close(): Promise<void>;
}

/** BullMQ. Throws {@link UsageError} where it, or its client for Redis, is not installed. */
export async function importBullMq(): Promise<BullMq> {
  try {
    await import("ioredis");
    return await import("bullmq");
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new UsageError(
      "--backend needs two packages that are not installed; install them beside regionsim: npm install bullmq@6 ioredis@6",
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).endsWith("MODULE_NOT_FOUND");
}

/** Settings of a client that never gives up. */
export function connectionSettings(address: BackendAddress): ConnectionSettings {
  const { host, port, db, username, password, isEncrypted } = address;
  return {
    host,
    port,
    db,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(isEncrypted ? { tls: {} } : {}),
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(times * RETRY_MS.first, RETRY_MS.most),
  };
}

/**
 * Asks once and does not try again: a wrong address is better told now than waited for. Throws {@link UsageError}.
 * Returns what will go wrong later with a Redis that is set up so, for a person to read.
 */
export async function askBackend(address: BackendAddress): Promise<readonly string[]> {
  await importBullMq();
  const { Redis } = await import("ioredis");
  const client = new Redis({
    ...connectionSettings(address),
    lazyConnect: true,
    connectTimeout: FIRST_ANSWER_MS,
    disconnectTimeout: 100,
    commandTimeout: FIRST_ANSWER_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let cause: unknown;
  client.on("error", (error) => {
    cause = error;
  });
  try {
    await client.connect();
    return settingsAtRisk(await client.info());
  } catch (error) {
    throw new UsageError(`the backend ${address.shown} cannot be used: ${causeWords(cause ?? error)}`);
  } finally {
    client.disconnect();
  }
}

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "nothing listens there; start Redis, or correct --backend"],
  [/ENOTFOUND|EAI_AGAIN/, "its name is not known; correct --backend"],
  [/ETIMEDOUT|timed? ?out/i, "no answer within 3 s; correct --backend, or open the way to it"],
  [/NOAUTH|WRONGPASS|AUTH/, "it wants another user name or password; put them into the URL, percent-encoded"],
  [/RESP type|Protocol error/i, "what answers there is no Redis; correct --backend"],
  [/NOPERM/, "its user may not run the commands a queue needs"],
];

/** What a client's error means; the error itself where that is not known. */
export function causeWords(error: unknown): string {
  const said =
    error instanceof Error ? `${"code" in error ? String(error.code) : ""} ${error.message}` : String(error);
  return CAUSES.find(([pattern]) => pattern.test(said))?.[1] ?? said.trim();
}

function settingsAtRisk(info: string): readonly string[] {
  const setting = (name: string): string | undefined => new RegExp(`^${name}:(\\S*)`, "m").exec(info)?.[1];
  const policy = setting("maxmemory_policy");
  const risks: string[] = [];
  if (policy !== undefined && policy !== "noeviction")
    risks.push(`its maxmemory-policy is ${policy}: it may throw jobs away; set noeviction`);
  if (setting("aof_enabled") === "0")
    risks.push("it keeps nothing on disk (appendonly no): after a crash lost segments are sent again");
  return risks;
}

/** Opens the queues of a backend that has answered. `onTrouble` is told of each failure to reach it from then on. */
export async function openBackend(
  address: BackendAddress,
  onTrouble: (error: Error) => void,
): Promise<Backend> {
  const { Queue } = await importBullMq();
  const connection = connectionSettings(address);
  const segments = new Queue<SegmentJob, string>(SEGMENT_QUEUE, { connection });
  const bundles = new Queue<PlanBundle>(BUNDLE_QUEUE, { connection });
  segments.on("error", onTrouble);
  bundles.on("error", onTrouble);
  return {
    segments,
    bundles,
    async close(): Promise<void> {
      await Promise.all([segments.close(), bundles.close()]);
    },
  };
}
