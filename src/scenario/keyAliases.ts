/**
 * What other tools call the things of a scenario, so that somebody who writes their word is told ours.
 */
import { nearest } from "./suggest.js";

/** In small letters without - and _, by what they might mean here; the first that may stand there is meant. */
const KEY_ALIASES: Readonly<Record<string, readonly string[]>> = {
  rpm: ["requestsPerMin"],
  rpd: ["requestsPerMin"],
  tpm: ["tokensPerMin"],
  tpd: ["tokensPerDay"],
  rps: ["rate"],
  qps: ["rate"],
  requestsperminute: ["requestsPerMin"],
  tokensperminute: ["tokensPerMin"],
  dailytokens: ["tokensPerDay"],
  burndown: ["outputBurndown"],
  burst: ["requestBurst", "burst"],
  retries: ["attempts", "retry"],
  maxretries: ["attempts", "retry"],
  maxattempts: ["attempts"],
  maxtries: ["attempts"],
  numretries: ["attempts", "retry"],
  retrypolicy: ["retry"],
  retrybudget: ["budget"],
  respectretryafter: ["retryAfter"],
  circuitbreaker: ["breaker"],
  circuitbreakers: ["breaker"],
  outlierdetection: ["outlier"],
  hedging: ["hedge"],
  throttling: ["throttle"],
  concurrencylimit: ["limit"],
  adaptiveconcurrency: ["limit"],
  slowstart: ["slowStart", "returning"],
  failback: ["returning"],
  regions: ["copies"],
  leader: ["primary"],
  quorum: ["acks"],
  consistency: ["replication"],
  resilience: ["protect"],
  guards: ["protect"],
  maxnumseqs: ["maxSequences"],
  maxseqs: ["maxSequences"],
  batchsize: ["maxSequences"],
  maxnumbatchedtokens: ["maxBatchedTokens"],
  kvcache: ["kvTokens"],
  kvcapacity: ["kvTokens"],
  kvcachetokens: ["kvTokens"],
  blocksize: ["kvBlockTokens", "blockTokens"],
  gpus: ["replicas"],
  instances: ["replicas", "instances"],
  count: ["replicas"],
  hpa: ["autoscale"],
  autoscaling: ["autoscale"],
  autoscaler: ["autoscale"],
  minreplicas: ["min"],
  maxreplicas: ["max"],
  cooldown: ["scaleInAfter"],
  startup: ["coldStart"],
  warmup: ["coldStart", "warmup"],
  prefixcaching: ["prefixCache"],
  cache: ["prefixCache"],
  queuesize: ["queue"],
  maxqueue: ["queue"],
  queuepolicy: ["admission"],
  discipline: ["order", "discipline"],
  loadshedding: ["shed"],
  cost: ["price"],
  pricing: ["price"],
  promptprice: ["input"],
  maxtokens: ["maxOutputTokens"],
  prompttokens: ["inputTokens"],
  completiontokens: ["outputTokens"],
  systemprompt: ["sharedPrefixTokens"],
  conversation: ["session"],
  thinktime: ["think"],
  user: ["users"],
  population: ["users"],
  contextwindow: ["maxContext"],
  quota: ["quotas"],
  ratelimits: ["limits"],
  sdk: ["sdkRetry"],
  deadline: ["deadlines"],
  apikey: ["key"],
  baseurl: ["url"],
  apibase: ["url"],
  endpoint: ["url"],
  listen: ["bind"],
  address: ["bind"],
  certificate: ["cert"],
  country: ["origin"],
};

/** The known key that was probably meant: spelt otherwise, called otherwise elsewhere, or mistyped. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const plain = plainly(key);
  const alias = Object.hasOwn(KEY_ALIASES, plain) ? KEY_ALIASES[plain]! : [];
  return (
    known.find((each) => plainly(each) === plain) ??
    alias.find((each) => known.includes(each)) ??
    nearest(key, known)
  );
}

function plainly(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, "");
}
