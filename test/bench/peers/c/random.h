/* sfc32 (Chris Doty-Humphrey's small fast counting generator) and the three samplers of model B.
 * Logarithm, exponential and square root are libm's. */
#ifndef MODEL_B_RANDOM_H
#define MODEL_B_RANDOM_H

#include <math.h>
#include <stdint.h>

typedef struct {
  uint32_t a, b, c, counter;
  /* The second normal of the last polar pair; NaN when none is left. */
  double spare;
} Random;

static inline uint32_t nextWord(Random *r) {
  uint32_t sum = r->a + r->b + r->counter++;
  r->a = r->b ^ (r->b >> 9);
  r->b = r->c + (r->c << 3);
  r->c = ((r->c << 21) | (r->c >> 11)) + sum;
  return sum;
}

/* The stream of `seed`; the first words are thrown away until the seed has reached every bit. */
static inline Random seededRandom(uint32_t seed) {
  Random r = {0x9e3779b9u, 0x243f6a88u, seed, 1, NAN};
  for (int i = 0; i < 20; i++) nextWord(&r);
  return r;
}

/* Uniform on (0, 1] with 53 bits: never 0, so its logarithm is finite. */
static inline double nextUniform(Random *r) {
  uint64_t high = nextWord(r) >> 5, low = nextWord(r) >> 6;
  return (double)((high << 26) + low + 1) * 0x1p-53;
}

static inline double nextExponential(Random *r, double mean) { return -mean * log(nextUniform(r)); }

/* Marsaglia's polar method; both normals of a pair are used. */
static inline double nextNormal(Random *r) {
  if (!isnan(r->spare)) {
    double spare = r->spare;
    r->spare = NAN;
    return spare;
  }
  double x, y, square;
  do {
    x = 2 * nextUniform(r) - 1;
    y = 2 * nextUniform(r) - 1;
    square = x * x + y * y;
  } while (square >= 1 || square == 0);
  double factor = sqrt(-2 * log(square) / square);
  r->spare = y * factor;
  return x * factor;
}

static inline double nextLognormal(Random *r, double median, double sigma) {
  return median * exp(sigma * nextNormal(r));
}

#endif
