/* Model B as a C program would do it: the floor the engines are measured against.
 *
 * One record per attempt with at most one pending event; handlers return the next time of their own slot,
 * so three of four events cost a single sinking. All client timeouts are equally long, so the timers are
 * a list in order of age: starting and cancelling one costs a few stores. See ../../README.md for the model. */
#include "heap.h"
#include "parameters.h"
#include "random.h"
#include "tally.h"

enum State { FREE, ARRIVAL, PROBE_SEND, PROBE_RESULT, OUTAGE_START, OUTAGE_END, REACHING, QUEUED, SERVING, ANSWERED,
             TURNED_AWAY, LOST };

typedef struct {
  double askedAtMs, deadlineMs;
  /* Neighbours among running timers, by age. */
  int32_t older, newer;
  /* Next in the region's queue or in the free list. */
  int32_t next;
  uint32_t epoch;
  uint8_t state, site, region, number, isAbandoned;
} Attempt;

typedef struct {
  int32_t busy, queued, head, tail;
  /* Raised when the region dies: work begun under an older epoch is lost. */
  uint32_t epoch;
  uint8_t isUp, isBelievedUp, probeAnswered;
  int failStreak, okStreak;
} Region;

static const double NONE = -1;

static Parameters p;
static Random rng;
static Tally tally;
static Heap heap;
static Region regions[REGION_COUNT];
static Attempt *attempts;
static int32_t attemptCapacity, attemptCount, freeHead = -1, oldest = -1, newest = -1;
static double nowMs;

static int32_t takeSlot(void) {
  if (freeHead >= 0) {
    int32_t slot = freeHead;
    freeHead = attempts[slot].next;
    return slot;
  }
  if (attemptCount == attemptCapacity) {
    attemptCapacity = attemptCapacity ? 2 * attemptCapacity : 1024;
    attempts = (Attempt *)realloc(attempts, sizeof(Attempt) * (size_t)attemptCapacity);
  }
  return attemptCount++;
}

static void release(int32_t slot) {
  attempts[slot].state = FREE;
  attempts[slot].next = freeHead;
  freeHead = slot;
}

static void startTimer(int32_t slot) {
  Attempt *a = &attempts[slot];
  a->deadlineMs = nowMs + p.clientTimeoutMs;
  a->older = newest;
  a->newer = -1;
  if (newest >= 0) attempts[newest].newer = slot;
  else oldest = slot;
  newest = slot;
}

static void stopTimer(const Attempt *a) {
  if (a->older >= 0) attempts[a->older].newer = a->newer;
  else oldest = a->newer;
  if (a->newer >= 0) attempts[a->newer].older = a->older;
  else newest = a->older;
}

static double hopMs(const Attempt *a) {
  return p.baseDelayMs[a->site][a->region] + nextExponential(&rng, p.extraDelayMeanMs);
}

static double serviceMs(void) { return nextLognormal(&rng, p.serviceMedianMs, p.serviceSigma); }

/* Sends attempt `number` of a request to the nearest region believed up; with none, it is refused on the spot. */
static void sendAttempt(int site, double askedAtMs, int number) {
  const int *choices = p.nearestFirst[site];
  for (; number <= p.attemptsMax; number++) {
    tally.attempts++;
    int region = regions[choices[0]].isBelievedUp ? choices[0] : regions[choices[1]].isBelievedUp ? choices[1] : -1;
    if (region < 0) continue;
    int32_t slot = takeSlot();
    Attempt *a = &attempts[slot];
    a->askedAtMs = askedAtMs;
    a->site = (uint8_t)site;
    a->region = (uint8_t)region;
    a->number = (uint8_t)number;
    a->isAbandoned = 0;
    a->state = REACHING;
    startTimer(slot);
    push(&heap, nowMs + hopMs(a), slot);
    return;
  }
  tally.refused++;
}

static double onArrival(int32_t slot) {
  int site = attempts[slot].site;
  tally.requests++;
  sendAttempt(site, nowMs, 1);
  return nowMs + nextExponential(&rng, p.meanGapMs[site]);
}

/* The region will never answer; the record stays until the client gives up on it. */
static double lose(int32_t slot) {
  if (attempts[slot].isAbandoned) release(slot);
  else attempts[slot].state = LOST;
  return NONE;
}

static double onReach(int32_t slot) {
  Attempt *a = &attempts[slot];
  Region *r = &regions[a->region];
  if (!r->isUp) return lose(slot);
  if (r->busy < p.serverCount) {
    r->busy++;
    a->epoch = r->epoch;
    a->state = SERVING;
    return nowMs + serviceMs();
  }
  if (r->queued < p.queueCapacity) {
    a->state = QUEUED;
    a->next = -1;
    if (r->tail >= 0) attempts[r->tail].next = slot;
    else r->head = slot;
    r->tail = slot;
    r->queued++;
    return NONE;
  }
  if (a->isAbandoned) return release(slot), NONE;
  a->state = TURNED_AWAY;
  return nowMs + hopMs(a);
}

static double onServed(int32_t slot) {
  Attempt *a = &attempts[slot];
  Region *r = &regions[a->region];
  if (a->epoch != r->epoch) {
    tally.events--;
    return lose(slot);
  }
  if (r->queued > 0) {
    int32_t first = r->head;
    r->head = attempts[first].next;
    if (r->head < 0) r->tail = -1;
    r->queued--;
    attempts[first].epoch = r->epoch;
    attempts[first].state = SERVING;
    push(&heap, nowMs + serviceMs(), first);
  } else {
    r->busy--;
  }
  if (a->isAbandoned) return release(slot), NONE;
  a->state = ANSWERED;
  return nowMs + hopMs(a);
}

static double onAnswer(int32_t slot) {
  Attempt *a = &attempts[slot];
  if (!a->isAbandoned) {
    stopTimer(a);
    tallyOk(&tally, nowMs - a->askedAtMs);
  }
  release(slot);
  return NONE;
}

static void retryOrFail(Attempt a, int64_t *failures) {
  if (a.number < p.attemptsMax) sendAttempt(a.site, a.askedAtMs, a.number + 1);
  else ++*failures;
}

static double onTurnedAway(int32_t slot) {
  Attempt a = attempts[slot];
  if (!a.isAbandoned) stopTimer(&attempts[slot]);
  release(slot);
  if (!a.isAbandoned) retryOrFail(a, &tally.refused);
  return NONE;
}

static void onTimeout(int32_t slot) {
  Attempt a = attempts[slot];
  stopTimer(&attempts[slot]);
  if (a.state == LOST) release(slot);
  else attempts[slot].isAbandoned = 1;
  retryOrFail(a, &tally.timedOut);
}

static double onOutageStart(void) {
  Region *r = &regions[p.outageRegion];
  r->isUp = 0;
  r->epoch++;
  for (int32_t slot = r->head; slot >= 0;) {
    int32_t next = attempts[slot].next;
    lose(slot);
    slot = next;
  }
  r->busy = r->queued = 0;
  r->head = r->tail = -1;
  return NONE;
}

/* Sends a probe; its outcome is decided now and known after the answer or the probe timeout. */
static double onProbeSend(int32_t slot) {
  Region *r = &regions[attempts[slot].region];
  r->probeAnswered = r->isUp;
  push(&heap, nowMs + (r->isUp ? p.probeAnswerMs : p.probeTimeoutMs), slot + REGION_COUNT);
  return nowMs + p.probeIntervalMs;
}

static double onProbeResult(int32_t slot) {
  Region *r = &regions[attempts[slot].region];
  r->okStreak = r->probeAnswered ? r->okStreak + 1 : 0;
  r->failStreak = r->probeAnswered ? 0 : r->failStreak + 1;
  if (r->okStreak >= p.probeRise) r->isBelievedUp = 1;
  if (r->failStreak >= p.probeFall) r->isBelievedUp = 0;
  return NONE;
}

static double handle(int32_t slot) {
  switch (attempts[slot].state) {
    case ARRIVAL: return onArrival(slot);
    case REACHING: return onReach(slot);
    case SERVING: return onServed(slot);
    case ANSWERED: return onAnswer(slot);
    case TURNED_AWAY: return onTurnedAway(slot);
    case PROBE_SEND: return onProbeSend(slot);
    case PROBE_RESULT: return onProbeResult(slot);
    case OUTAGE_START: return onOutageStart();
    case OUTAGE_END: regions[p.outageRegion].isUp = 1; return NONE;
    default: abort();
  }
}

static int32_t addSource(enum State state, int site, int region) {
  int32_t slot = takeSlot();
  attempts[slot].state = (uint8_t)state;
  attempts[slot].site = (uint8_t)site;
  attempts[slot].region = (uint8_t)region;
  return slot;
}

static void addSources(void) {
  push(&heap, p.outageStartMs, addSource(OUTAGE_START, 0, p.outageRegion));
  push(&heap, p.outageEndMs, addSource(OUTAGE_END, 0, p.outageRegion));
  for (int i = 0; i < REGION_COUNT; i++) push(&heap, p.probeIntervalMs, addSource(PROBE_SEND, 0, i));
  for (int i = 0; i < REGION_COUNT; i++) addSource(PROBE_RESULT, 0, i);
  for (int i = 0; i < SITE_COUNT; i++) push(&heap, nextExponential(&rng, p.meanGapMs[i]), addSource(ARRIVAL, i, 0));
  for (int i = 0; i < REGION_COUNT; i++) {
    regions[i].head = regions[i].tail = -1;
    regions[i].isUp = regions[i].isBelievedUp = 1;
  }
}

/* Runs to the horizon; what happens exactly there no longer counts. At equal times events go before timers. */
static void run(void) {
  for (;;) {
    double eventMs = heap.events[0].timeMs;
    double timerMs = oldest >= 0 ? attempts[oldest].deadlineMs : INFINITY;
    nowMs = timerMs < eventMs ? timerMs : eventMs;
    if (nowMs >= p.horizonMs) return;
    tally.events++;
    if (timerMs < eventMs) {
      onTimeout(oldest);
      continue;
    }
    int32_t slot = heap.events[0].slot;
    double nextMs = handle(slot);
    if (nextMs >= 0) replaceTop(&heap, nextMs, slot);
    else popTop(&heap);
  }
}

int main(int argc, char **argv) {
  p = parametersOf(argc, argv);
  rng = seededRandom(p.seed);
  heap = emptyHeap();
  addSources();
  double startedAtS = monotonicSeconds();
  run();
  double seconds = monotonicSeconds() - startedAtS;
  printTally(&tally, "c", __VERSION__, seconds, tally.events);
  return 0;
}
