"""Model B for SimPy: a process per request and per attempt, `|` for the client timeout.

Arguments: MODEL REQUESTS SCALE LOAD SEED. SimPy cannot withdraw a scheduled timeout, so answered requests leave
theirs in its queue until it is due. Servers are a count and a deque of events: a Resource does the same with
more events and removes from a list. Random numbers are Python's own. See ../../README.md for the model.
"""

import json
import math
import random
import resource
import sys
import time
import zlib
from array import array
from collections import deque

import simpy

REFUSED, TIMED_OUT, OK = "refused", "timedOut", "ok"


class Region:
    """What is so (`is_up`, `busy`, `waiting`, `epoch`) and what the checker believes (`is_believed_up`)."""

    def __init__(self):
        self.busy = 0
        # Events of the attempts whose turn has not come; an outage leaves theirs untriggered for ever.
        self.waiting = deque()
        self.epoch = 0
        self.is_up = True
        self.is_believed_up = True
        self.ok_streak = 0
        self.fail_streak = 0


class Model:
    def __init__(self, env, model, scale, load, horizon_ms):
        self.env = env
        self.model = model
        self.horizon_ms = horizon_ms
        self.server_count = round(model["serversPerRegion"] * scale)
        self.queue_capacity = round(model["queueCapacity"] * scale)
        self.rates_per_ms = [rate * scale * load / 1000 for rate in model["arrivalRatePerS"]]
        self.extra_rate_per_ms = 1 / model["extraDelayMeanMs"]
        # The normal behind random.lognormvariate has the logarithm of the median as its mean.
        self.log_median = math.log(model["serviceMedianMs"])
        self.sigma = model["serviceSigma"]
        self.regions = [Region() for _ in model["baseDelayMs"][0]]
        self.nearest_first = [sorted(range(len(row)), key=row.__getitem__) for row in model["baseDelayMs"]]
        self.counts = {OK: 0, REFUSED: 0, TIMED_OUT: 0}
        self.requests = 0
        self.attempts = 0
        self.events = 0
        self.latencies_ms = array("d")

    def hop(self, site, region):
        base_ms = self.model["baseDelayMs"][site][region]
        return self.env.timeout(base_ms + random.expovariate(self.extra_rate_per_ms))

    def route(self, site):
        """The nearest region believed up, or None."""
        for region in self.nearest_first[site]:
            if self.regions[region].is_believed_up:
                return region
        return None

    def arrivals(self, site):
        rate_per_ms = self.rates_per_ms[site]
        while True:
            yield self.env.timeout(random.expovariate(rate_per_ms))
            self.events += 1
            self.requests += 1
            self.env.process(self.request(site))

    def request(self, site):
        env = self.env
        asked_at_ms = env.now
        for _ in range(self.model["attemptsMax"]):
            self.attempts += 1
            region = self.route(site)
            if region is None:
                outcome = REFUSED
                continue
            answer = env.event()
            env.process(self.attempt(site, region, answer))
            yield answer | env.timeout(self.model["clientTimeoutMs"])
            self.events += 1
            outcome = answer.value if answer.triggered else TIMED_OUT
            if outcome is OK:
                self.latencies_ms.append(env.now - asked_at_ms)
                break
        self.counts[outcome] += 1

    def attempt(self, site, index, answer):
        """The attempt as the network and the region see it, whether or not the client still waits."""
        yield self.hop(site, index)
        self.events += 1
        region = self.regions[index]
        if not region.is_up:
            return
        if region.busy < self.server_count:
            region.busy += 1
        elif len(region.waiting) < self.queue_capacity:
            turn = self.env.event()
            region.waiting.append(turn)
            yield turn
        else:
            yield self.hop(site, index)
            answer.succeed(REFUSED)
            return
        epoch = region.epoch
        yield self.env.timeout(random.lognormvariate(self.log_median, self.sigma))
        if epoch != region.epoch:
            return
        self.events += 1
        if region.waiting:
            region.waiting.popleft().succeed()
        else:
            region.busy -= 1
        yield self.hop(site, index)
        answer.succeed(OK)

    def outage(self):
        start_ms = self.model["outageStartFraction"] * self.horizon_ms
        yield self.env.timeout(start_ms)
        self.events += 1
        region = self.regions[self.model["outageRegion"]]
        region.is_up = False
        region.epoch += 1
        region.busy = 0
        region.waiting = deque()
        yield self.env.timeout(self.model["outageDurationFraction"] * self.horizon_ms)
        region.is_up = True
        self.events += 1

    def prober(self, index):
        """Sends probes at a fixed rate; an outcome is decided at sending and known when it comes back."""
        while True:
            yield self.env.timeout(self.model["probeIntervalMs"])
            self.events += 1
            self.env.process(self.probe(self.regions[index]))

    def probe(self, region):
        is_answered = region.is_up
        yield self.env.timeout(self.model["probeAnswerMs" if is_answered else "probeTimeoutMs"])
        self.events += 1
        region.ok_streak = region.ok_streak + 1 if is_answered else 0
        region.fail_streak = 0 if is_answered else region.fail_streak + 1
        if region.ok_streak >= self.model["probeRise"]:
            region.is_believed_up = True
        if region.fail_streak >= self.model["probeFall"]:
            region.is_believed_up = False


def main():
    path, requests, scale, load, seed = sys.argv[1:6]
    with open(path, encoding="utf-8") as file:
        parameters = json.load(file)
    random.seed(int(seed))
    total_per_s = sum(rate * float(scale) * float(load) for rate in parameters["arrivalRatePerS"])
    horizon_ms = float(requests) / total_per_s * 1000
    env = simpy.Environment()
    model = Model(env, parameters, float(scale), float(load), horizon_ms)
    env.process(model.outage())
    for index in range(len(model.regions)):
        env.process(model.prober(index))
    for site in range(len(model.rates_per_ms)):
        env.process(model.arrivals(site))
    started_at_s = time.perf_counter()
    env.run(until=horizon_ms)
    seconds = time.perf_counter() - started_at_s
    report(model, next(env._eid), seconds)


def peak_rss_mib():
    """Linux's VmHWM belongs to this program alone; getrusage starts at what the launching process held."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(model, kernel_events, seconds):
    """Prints the one line; the p99 is exact, from all latencies."""
    ordered_ms = sorted(model.latencies_ms)
    ok = len(ordered_ms)
    refused, timed_out = model.counts[REFUSED], model.counts[TIMED_OUT]
    line = {
        "impl": "simpy",
        "version": simpy.__version__,
        "requests": model.requests,
        "events": model.events,
        "kernelEvents": kernel_events,
        "seconds": round(seconds, 6),
        "ok": ok,
        "refused": refused,
        "timedOut": timed_out,
        "failed": refused + timed_out,
        "inFlight": model.requests - ok - refused - timed_out,
        "attempts": model.attempts,
        "meanMs": sum(ordered_ms) / ok,
        "p99Ms": ordered_ms[math.ceil(0.99 * ok) - 1],
        "peakRssMiB": round(peak_rss_mib(), 2),
        "checksum": f"{zlib.crc32(model.latencies_ms.tobytes()):08x}",
    }
    print(json.dumps(line))


main()
