/**
 * Model B for SIM.JS: one entity per site, setTimer for every delay, cancel for timeouts.
 *
 * Arguments: MODEL REQUESTS SCALE LOAD SEED FILE_OF_SIMJS. Random numbers are sfc32's, which is faster than the
 * library's own Mersenne Twister, and servers are a count and an array: a Facility does the same but looks for a
 * free server in a list and keeps statistics. See ../../README.md for the model.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { seededRandom } from "./random.mjs";
import { createTally } from "./tally.mjs";

const [modelPath, requests, scale, load, seed, simPath] = process.argv.slice(2);

// The library hangs its classes on `window` and exports nothing.
globalThis.window = {};
createRequire(import.meta.url)(simPath);
const { Sim, Entity } = globalThis.window.Sim;
const version = JSON.parse(readFileSync(join(dirname(simPath), "package.json"), "utf8")).version;

const p = JSON.parse(readFileSync(modelPath, "utf8"));
const ratesPerMs = p.arrivalRatePerS.map((ratePerS) => (ratePerS * scale * load) / 1000);
const horizonMs = requests / ratesPerMs.reduce((sum, rate) => sum + rate, 0);
const serverCount = Math.round(p.serversPerRegion * scale);
const queueCapacity = Math.round(p.queueCapacity * scale);
const nearestFirst = p.baseDelayMs.map((row) => [...row.keys()].sort((i, j) => row[i] - row[j] || i - j));
const random = seededRandom(Number(seed));
const tally = createTally();

class Region {
  busy = 0;
  waiting = [];
  /** Raised when the region dies: work begun under an older epoch is lost. */
  epoch = 0;
  isUp = true;
  isBelievedUp = true;
  okStreak = 0;
  failStreak = 0;
}

const regions = p.baseDelayMs[0].map(() => new Region());

/** One try at one region, as long as the client or the region still cares. */
class Attempt {
  constructor(site, askedAtMs, region, number) {
    this.site = site;
    this.askedAtMs = askedAtMs;
    this.region = region;
    this.number = number;
    this.epoch = 0;
    this.timer = null;
    this.isAbandoned = false;
  }
}

class Site extends Entity {
  start(site) {
    this.site = site;
    this.scheduleArrival();
  }

  scheduleArrival() {
    this.setTimer(random.exponential(1 / ratesPerMs[this.site])).done(this.onArrival);
  }

  hopMs(region) {
    return p.baseDelayMs[this.site][region] + random.exponential(p.extraDelayMeanMs);
  }

  /** The nearest region believed up, or -1. */
  route() {
    for (const region of nearestFirst[this.site]) if (regions[region].isBelievedUp) return region;
    return -1;
  }

  onArrival() {
    tally.events++;
    tally.requests++;
    this.send(this.time(), 1);
    this.scheduleArrival();
  }

  /** Sends attempt `number`; with no region believed up it is refused on the spot. */
  send(askedAtMs, first) {
    for (let number = first; number <= p.attemptsMax; number++) {
      tally.attempts++;
      const region = this.route();
      if (region < 0) continue;
      const attempt = new Attempt(this, askedAtMs, region, number);
      attempt.timer = this.setTimer(p.clientTimeoutMs).done(this.onTimeout, this, attempt);
      this.setTimer(this.hopMs(region)).done(this.onReach, this, attempt);
      return;
    }
    tally.refused++;
  }

  onReach(attempt) {
    tally.events++;
    const region = regions[attempt.region];
    if (!region.isUp) return;
    if (region.busy < serverCount) {
      region.busy++;
      this.serve(attempt);
    } else if (region.waiting.length < queueCapacity) {
      region.waiting.push(attempt);
    } else {
      this.setTimer(this.hopMs(attempt.region)).done(this.onTurnedAway, this, attempt);
    }
  }

  serve(attempt) {
    attempt.epoch = regions[attempt.region].epoch;
    this.setTimer(random.lognormal(p.serviceMedianMs, p.serviceSigma)).done(this.onServed, this, attempt);
  }

  onServed(attempt) {
    const region = regions[attempt.region];
    if (attempt.epoch !== region.epoch) return;
    tally.events++;
    if (region.waiting.length === 0) {
      region.busy--;
    } else {
      const first = region.waiting.shift();
      first.site.serve(first);
    }
    if (!attempt.isAbandoned) this.setTimer(this.hopMs(attempt.region)).done(this.onAnswer, this, attempt);
  }

  onAnswer(attempt) {
    tally.events++;
    if (attempt.isAbandoned) return;
    attempt.timer.cancel();
    tally.ok(this.time() - attempt.askedAtMs);
  }

  onTurnedAway(attempt) {
    tally.events++;
    if (attempt.isAbandoned) return;
    attempt.timer.cancel();
    if (attempt.number < p.attemptsMax) this.send(attempt.askedAtMs, attempt.number + 1);
    else tally.refused++;
  }

  onTimeout(attempt) {
    tally.events++;
    attempt.isAbandoned = true;
    if (attempt.number < p.attemptsMax) this.send(attempt.askedAtMs, attempt.number + 1);
    else tally.timedOut++;
  }
}

/** The outage, and the checker that finds out about it. */
class Operations extends Entity {
  start() {
    const startMs = p.outageStartFraction * horizonMs;
    this.setTimer(startMs).done(this.onOutageStart);
    this.setTimer(startMs + p.outageDurationFraction * horizonMs).done(this.onOutageEnd);
    for (const region of regions) this.setTimer(p.probeIntervalMs).done(this.onProbeSend, this, region);
  }

  onOutageStart() {
    tally.events++;
    const region = regions[p.outageRegion];
    region.isUp = false;
    region.epoch++;
    region.busy = 0;
    region.waiting = [];
  }

  onOutageEnd() {
    tally.events++;
    regions[p.outageRegion].isUp = true;
  }

  /** A probe's outcome is decided at sending and known when it comes back. */
  onProbeSend(region) {
    tally.events++;
    const isAnswered = region.isUp;
    const delayMs = isAnswered ? p.probeAnswerMs : p.probeTimeoutMs;
    this.setTimer(delayMs).done(this.onProbeResult, this, [region, isAnswered]);
    this.setTimer(p.probeIntervalMs).done(this.onProbeSend, this, region);
  }

  onProbeResult(region, isAnswered) {
    tally.events++;
    region.okStreak = isAnswered ? region.okStreak + 1 : 0;
    region.failStreak = isAnswered ? 0 : region.failStreak + 1;
    if (region.okStreak >= p.probeRise) region.isBelievedUp = true;
    if (region.failStreak >= p.probeFall) region.isBelievedUp = false;
  }
}

const sim = new Sim();
sim.addEntity(Operations, "operations");
for (const site of ratesPerMs.keys()) sim.addEntity(Site, `site ${site}`, site);
const startedAtMs = performance.now();
sim.simulate(horizonMs);
const seconds = (performance.now() - startedAtMs) / 1000;
console.log(JSON.stringify(tally.line({ impl: "simjs", version, seconds, kernelEvents: sim.queue.order })));
