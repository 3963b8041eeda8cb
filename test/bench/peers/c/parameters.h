/* The parameters of model B, read from modelB.json and scaled; shared by the C and the ns-3 peer.
 * The reader knows just what that file needs: a key that occurs once, then a number or nested
 * arrays of numbers. A missing or malformed key ends the program with exit code 2. */
#ifndef MODEL_B_PARAMETERS_H
#define MODEL_B_PARAMETERS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SITE_COUNT = 3, REGION_COUNT = 2 };

typedef struct {
  double meanGapMs[SITE_COUNT];
  double baseDelayMs[SITE_COUNT][REGION_COUNT];
  /* Regions by base delay, nearest first; the earlier region wins a tie. */
  int nearestFirst[SITE_COUNT][REGION_COUNT];
  double extraDelayMeanMs;
  int serverCount;
  int queueCapacity;
  double serviceMedianMs;
  double serviceSigma;
  double probeIntervalMs, probeTimeoutMs, probeAnswerMs;
  int probeFall, probeRise;
  int outageRegion;
  double outageStartMs, outageEndMs;
  double clientTimeoutMs;
  int attemptsMax;
  double horizonMs;
  uint32_t seed;
} Parameters;

/* Ends the program: wrong input is never half-run. */
static void failUsage(const char *what, const char *detail) {
  fprintf(stderr, "modelB: %s %s\n", what, detail);
  exit(2);
}

/* The whole file as a string that the caller never frees (it lives as long as the run). */
static char *readText(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) failUsage("cannot read", path);
  char *text = (char *)malloc(1 << 16);
  size_t length = fread(text, 1, (1 << 16) - 1, file);
  text[length] = 0;
  fclose(file);
  return text;
}

/* Reads exactly `count` numbers that follow `key`, row by row when they are nested. */
static void readNumbers(const char *text, const char *key, double *out, int count) {
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\"", key);
  const char *at = strstr(text, quoted);
  if (!at) failUsage("missing parameter", key);
  at += strlen(quoted);
  for (int i = 0; i < count; i++) {
    at += strspn(at, " \t\r\n:,[]");
    char *end;
    out[i] = strtod(at, &end);
    if (end == at) failUsage("too few numbers in", key);
    at = end;
  }
}

static double readNumber(const char *text, const char *key) {
  double value;
  readNumbers(text, key, &value, 1);
  return value;
}

static void readServing(const char *text, double scale, Parameters *p) {
  p->serverCount = (int)(readNumber(text, "serversPerRegion") * scale + 0.5);
  p->queueCapacity = (int)(readNumber(text, "queueCapacity") * scale + 0.5);
  p->serviceMedianMs = readNumber(text, "serviceMedianMs");
  p->serviceSigma = readNumber(text, "serviceSigma");
  p->probeIntervalMs = readNumber(text, "probeIntervalMs");
  p->probeTimeoutMs = readNumber(text, "probeTimeoutMs");
  p->probeAnswerMs = readNumber(text, "probeAnswerMs");
  p->probeFall = (int)readNumber(text, "probeFall");
  p->probeRise = (int)readNumber(text, "probeRise");
  p->clientTimeoutMs = readNumber(text, "clientTimeoutMs");
  p->attemptsMax = (int)readNumber(text, "attemptsMax");
}

/* Model B at `scale` (rates, servers and queues) and `load` (rates alone), long enough for about
 * `requests` arrivals. */
static Parameters readParameters(const char *path, double requests, double scale, double load, uint32_t seed) {
  Parameters p;
  memset(&p, 0, sizeof p);
  const char *text = readText(path);
  double ratePerS[SITE_COUNT], totalPerS = 0;
  readNumbers(text, "arrivalRatePerS", ratePerS, SITE_COUNT);
  readNumbers(text, "baseDelayMs", &p.baseDelayMs[0][0], SITE_COUNT * REGION_COUNT);
  for (int site = 0; site < SITE_COUNT; site++) {
    totalPerS += ratePerS[site] * scale * load;
    p.meanGapMs[site] = 1000 / (ratePerS[site] * scale * load);
    int second = p.baseDelayMs[site][1] < p.baseDelayMs[site][0];
    p.nearestFirst[site][0] = second;
    p.nearestFirst[site][1] = !second;
  }
  p.extraDelayMeanMs = readNumber(text, "extraDelayMeanMs");
  readServing(text, scale, &p);
  p.horizonMs = requests / totalPerS * 1000;
  p.outageRegion = (int)readNumber(text, "outageRegion");
  p.outageStartMs = readNumber(text, "outageStartFraction") * p.horizonMs;
  p.outageEndMs = p.outageStartMs + readNumber(text, "outageDurationFraction") * p.horizonMs;
  p.seed = seed;
  return p;
}

/* The command line every compiled peer takes: MODEL REQUESTS SCALE LOAD SEED. */
static Parameters parametersOf(int argc, char **argv) {
  if (argc < 6) failUsage("usage:", "modelB MODEL REQUESTS SCALE LOAD SEED");
  return readParameters(argv[1], atof(argv[2]), atof(argv[3]), atof(argv[4]), (uint32_t)strtoul(argv[5], 0, 10));
}

#endif
