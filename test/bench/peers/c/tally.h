/* What a run counts, and the one line of JSON it prints. Latencies go into buckets cut from the bits
 * of the double: 128 per octave, so a quantile is off by at most 0.8 %. */
#ifndef MODEL_B_TALLY_H
#define MODEL_B_TALLY_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { BUCKETS_PER_OCTAVE = 128, OCTAVE_COUNT = 20, MANTISSA_SHIFT = 45 };

typedef struct {
  int64_t requests, attempts, events, ok, refused, timedOut;
  double sumMs;
  uint32_t checksum;
  uint32_t bucketCounts[OCTAVE_COUNT * BUCKETS_PER_OCTAVE];
} Tally;

static inline uint64_t bitsOf(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* Counts one served request. The checksum folds every latency in order of answer (FNV-1a's prime). */
static inline void tallyOk(Tally *t, double latencyMs) {
  uint64_t bits = bitsOf(latencyMs);
  int64_t bucket = (int64_t)(bits >> MANTISSA_SHIFT) - (int64_t)(bitsOf(1.0) >> MANTISSA_SHIFT);
  if (bucket < 0) bucket = 0;
  if (bucket >= OCTAVE_COUNT * BUCKETS_PER_OCTAVE) bucket = OCTAVE_COUNT * BUCKETS_PER_OCTAVE - 1;
  t->bucketCounts[bucket]++;
  t->sumMs += latencyMs;
  t->checksum = (t->checksum ^ (uint32_t)bits) * 16777619u;
  t->ok++;
}

static double bucketStartMs(int bucket) {
  uint64_t bits = ((uint64_t)bucket << MANTISSA_SHIFT) + bitsOf(1.0);
  double startMs;
  memcpy(&startMs, &bits, sizeof startMs);
  return startMs;
}

/* The latency below which a share `q` of served requests lies, linear within its bucket. */
static double quantileMs(const Tally *t, double q) {
  double rank = q * (double)t->ok, below = 0;
  for (int i = 0; i < OCTAVE_COUNT * BUCKETS_PER_OCTAVE; i++) {
    double count = t->bucketCounts[i];
    if (count > 0 && below + count >= rank) {
      double fraction = (rank - below) / count;
      return bucketStartMs(i) + fraction * (bucketStartMs(i + 1) - bucketStartMs(i));
    }
    below += count;
  }
  return 0;
}

static double monotonicSeconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Linux's VmHWM belongs to this program alone; getrusage starts at what the launching process held. */
static double peakRssMiB(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  long peakKiB = 0;
  while (status && fgets(line, sizeof line, status)) {
    if (sscanf(line, "VmHWM: %ld", &peakKiB) == 1) break;
  }
  if (status) fclose(status);
  if (peakKiB > 0) return (double)peakKiB / 1024;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024;
}

/* `kernelEvents` is what the engine itself executed or removed, cancelled timers included. */
static void printTally(const Tally *t, const char *impl, const char *version, double seconds, int64_t kernelEvents) {
  int64_t failed = t->refused + t->timedOut;
  printf("{\"impl\":\"%s\",\"version\":\"%s\",\"requests\":%lld,\"events\":%lld,\"kernelEvents\":%lld,"
         "\"seconds\":%.6f,\"ok\":%lld,\"refused\":%lld,\"timedOut\":%lld,\"failed\":%lld,\"inFlight\":%lld,"
         "\"attempts\":%lld,\"meanMs\":%.6f,\"p99Ms\":%.6f,\"peakRssMiB\":%.2f,\"checksum\":\"%08x\"}\n",
         impl, version, (long long)t->requests, (long long)t->events, (long long)kernelEvents, seconds,
         (long long)t->ok, (long long)t->refused, (long long)t->timedOut, (long long)failed,
         (long long)(t->requests - t->ok - failed), (long long)t->attempts, t->sumMs / (double)t->ok,
         quantileMs(t, 0.99), peakRssMiB(), t->checksum);
}

#endif
