/* Model B for ns-3: Simulator::Schedule for every step, Simulator::Cancel for client timeouts.
 *
 * Arguments: MODEL REQUESTS SCALE LOAD SEED SCHEDULER, the last an ns-3 type such as ns3::MapScheduler.
 * Random numbers, parameters and counting are those of the C floor, which are faster than ns-3's own.
 * Time is ns-3's: whole nanoseconds. See ../../README.md for the model. */
#include "../c/parameters.h"
#include "../c/random.h"
#include "../c/tally.h"

#include <cmath>
#include <deque>
#include <ns3/core-module.h>
#include <string>

using ns3::EventId;
using ns3::NanoSeconds;
using ns3::Simulator;

namespace {

/* One try at one region. It lives until both the client and the region are done with it. */
struct Attempt {
  double askedAtMs;
  EventId timer;
  uint32_t epoch;
  uint8_t site, region, number;
  bool isAbandoned, isLost;
  Attempt *nextFree;
};

struct Region {
  int busy = 0;
  std::deque<Attempt *> queue;
  /* Raised when the region dies: work begun under an older epoch is lost. */
  uint32_t epoch = 0;
  bool isUp = true, isBelievedUp = true;
  int failStreak = 0, okStreak = 0;
};

Parameters p;
Random rng;
Tally tally;
Region regions[REGION_COUNT];
Attempt *freeAttempts = nullptr;

ns3::Time delayOf(double ms) { return NanoSeconds(static_cast<int64_t>(ms * 1e6 + 0.5)); }

double nowMs() { return static_cast<double>(Simulator::Now().GetTimeStep()) * 1e-6; }

Attempt *takeAttempt() {
  if (!freeAttempts) return new Attempt();
  Attempt *a = freeAttempts;
  freeAttempts = a->nextFree;
  return a;
}

void release(Attempt *a) {
  a->nextFree = freeAttempts;
  freeAttempts = a;
}

double hopMs(const Attempt *a) {
  return p.baseDelayMs[a->site][a->region] + nextExponential(&rng, p.extraDelayMeanMs);
}

void onServed(Attempt *a);
void onTimeout(Attempt *a);
void onReach(Attempt *a);

/* The region will never answer; the record stays until the client gives up on it. */
void lose(Attempt *a) {
  if (a->isAbandoned) release(a);
  else a->isLost = true;
}

/* Sends attempt `number` of a request to the nearest region believed up; with none, it is refused on the spot. */
void sendAttempt(int site, double askedAtMs, int number) {
  const int *choices = p.nearestFirst[site];
  for (; number <= p.attemptsMax; number++) {
    tally.attempts++;
    int region = regions[choices[0]].isBelievedUp ? choices[0] : regions[choices[1]].isBelievedUp ? choices[1] : -1;
    if (region < 0) continue;
    Attempt *a = takeAttempt();
    a->askedAtMs = askedAtMs;
    a->site = static_cast<uint8_t>(site);
    a->region = static_cast<uint8_t>(region);
    a->number = static_cast<uint8_t>(number);
    a->isAbandoned = a->isLost = false;
    a->timer = Simulator::Schedule(delayOf(p.clientTimeoutMs), &onTimeout, a);
    Simulator::Schedule(delayOf(hopMs(a)), &onReach, a);
    return;
  }
  tally.refused++;
}

void onArrival(int site) {
  tally.events++;
  tally.requests++;
  sendAttempt(site, nowMs(), 1);
  Simulator::Schedule(delayOf(nextExponential(&rng, p.meanGapMs[site])), &onArrival, site);
}

void retryOrFail(const Attempt &a, int64_t &failures) {
  if (a.number < p.attemptsMax) sendAttempt(a.site, a.askedAtMs, a.number + 1);
  else failures++;
}

void onAnswer(Attempt *a) {
  tally.events++;
  if (!a->isAbandoned) {
    Simulator::Cancel(a->timer);
    tallyOk(&tally, nowMs() - a->askedAtMs);
  }
  release(a);
}

void onTurnedAway(Attempt *a) {
  tally.events++;
  Attempt copy = *a;
  Simulator::Cancel(a->timer);
  release(a);
  if (!copy.isAbandoned) retryOrFail(copy, tally.refused);
}

void onTimeout(Attempt *a) {
  tally.events++;
  Attempt copy = *a;
  if (a->isLost) release(a);
  else a->isAbandoned = true;
  retryOrFail(copy, tally.timedOut);
}

void serve(Region &r, Attempt *a) {
  a->epoch = r.epoch;
  Simulator::Schedule(delayOf(nextLognormal(&rng, p.serviceMedianMs, p.serviceSigma)), &onServed, a);
}

void onReach(Attempt *a) {
  tally.events++;
  Region &r = regions[a->region];
  if (!r.isUp) return lose(a);
  if (r.busy < p.serverCount) {
    r.busy++;
    serve(r, a);
  } else if (static_cast<int>(r.queue.size()) < p.queueCapacity) {
    r.queue.push_back(a);
  } else if (a->isAbandoned) {
    release(a);
  } else {
    Simulator::Schedule(delayOf(hopMs(a)), &onTurnedAway, a);
  }
}

void onServed(Attempt *a) {
  Region &r = regions[a->region];
  if (a->epoch != r.epoch) return lose(a);
  tally.events++;
  if (r.queue.empty()) {
    r.busy--;
  } else {
    serve(r, r.queue.front());
    r.queue.pop_front();
  }
  if (a->isAbandoned) release(a);
  else Simulator::Schedule(delayOf(hopMs(a)), &onAnswer, a);
}

void onOutageStart() {
  tally.events++;
  Region &r = regions[p.outageRegion];
  r.isUp = false;
  r.epoch++;
  r.busy = 0;
  for (Attempt *a : r.queue) lose(a);
  r.queue.clear();
}

void onOutageEnd() {
  tally.events++;
  regions[p.outageRegion].isUp = true;
}

void onProbeResult(int region, bool isAnswered) {
  tally.events++;
  Region &r = regions[region];
  r.okStreak = isAnswered ? r.okStreak + 1 : 0;
  r.failStreak = isAnswered ? 0 : r.failStreak + 1;
  if (r.okStreak >= p.probeRise) r.isBelievedUp = true;
  if (r.failStreak >= p.probeFall) r.isBelievedUp = false;
}

/* Sends a probe; its outcome is decided now and known after the answer or the probe timeout. */
void onProbeSend(int region) {
  tally.events++;
  bool isAnswered = regions[region].isUp;
  Simulator::Schedule(delayOf(isAnswered ? p.probeAnswerMs : p.probeTimeoutMs), &onProbeResult, region, isAnswered);
  Simulator::Schedule(delayOf(p.probeIntervalMs), &onProbeSend, region);
}

} // namespace

int main(int argc, char **argv) {
  p = parametersOf(argc, argv);
  rng = seededRandom(p.seed);
  std::string scheduler = argc > 6 ? argv[6] : "ns3::MapScheduler";
  Simulator::SetScheduler(ns3::ObjectFactory(scheduler));
  Simulator::Stop(delayOf(p.horizonMs));
  Simulator::Schedule(delayOf(p.outageStartMs), &onOutageStart);
  Simulator::Schedule(delayOf(p.outageEndMs), &onOutageEnd);
  for (int region = 0; region < REGION_COUNT; region++) {
    Simulator::Schedule(delayOf(p.probeIntervalMs), &onProbeSend, region);
  }
  for (int site = 0; site < SITE_COUNT; site++) {
    Simulator::Schedule(delayOf(nextExponential(&rng, p.meanGapMs[site])), &onArrival, site);
  }
  double startedAtS = monotonicSeconds();
  Simulator::Run();
  double seconds = monotonicSeconds() - startedAtS;
  std::string impl = scheduler == "ns3::MapScheduler" ? "ns3-map" : "ns3-priority-queue";
  printTally(&tally, impl.c_str(), BENCH_NS3_VERSION, seconds, static_cast<int64_t>(Simulator::GetEventCount()));
  Simulator::Destroy();
  return 0;
}
