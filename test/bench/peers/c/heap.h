/* Pending events in a binary heap, ordered by time and, at equal times, by who was scheduled first.
 * The smaller child is chosen without a branch: the slot behind the last event always holds +infinity,
 * so a lone left child needs no bounds test, and sequence numbers are read only when two times are equal. */
#ifndef MODEL_B_HEAP_H
#define MODEL_B_HEAP_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct {
  double timeMs;
  uint32_t sequence;
  int32_t slot;
} Event;

typedef struct {
  Event *events;
  int32_t size, capacity;
  uint32_t nextSequence;
} Heap;

static const Event NEVER = {INFINITY, UINT32_MAX, -1};

static Heap emptyHeap(void) {
  Heap h = {(Event *)malloc(sizeof(Event) * 1024), 0, 1024, 0};
  h.events[0] = NEVER;
  return h;
}

/* Sequence numbers wrap; the distance of two pending ones never reaches half their range. */
static inline int isBefore(Event a, Event b) {
  if (a.timeMs == b.timeMs) return (int32_t)(a.sequence - b.sequence) < 0;
  return a.timeMs < b.timeMs;
}

static void push(Heap *h, double timeMs, int32_t slot) {
  if (h->size + 2 > h->capacity) {
    h->capacity *= 2;
    h->events = (Event *)realloc(h->events, sizeof(Event) * (size_t)h->capacity);
  }
  Event *e = h->events;
  Event added = {timeMs, h->nextSequence++, slot};
  int32_t i = h->size++;
  e[h->size] = NEVER;
  while (i > 0) {
    int32_t parent = (i - 1) >> 1;
    if (!isBefore(added, e[parent])) break;
    e[i] = e[parent];
    i = parent;
  }
  e[i] = added;
}

/* Puts `moved` at the root and lets it sink. */
static inline void sink(Heap *h, Event moved) {
  Event *e = h->events;
  int32_t i = 0, size = h->size;
  for (;;) {
    int32_t child = 2 * i + 1;
    if (child >= size) break;
    int32_t right = e[child + 1].timeMs < e[child].timeMs;
    if (e[child + 1].timeMs == e[child].timeMs) right = isBefore(e[child + 1], e[child]);
    child += right;
    if (!isBefore(e[child], moved)) break;
    e[i] = e[child];
    i = child;
  }
  e[i] = moved;
}

/* Reschedules the root event's own slot: one sinking instead of a pop and a push. */
static inline void replaceTop(Heap *h, double timeMs, int32_t slot) {
  Event moved = {timeMs, h->nextSequence++, slot};
  sink(h, moved);
}

static inline void popTop(Heap *h) {
  Event last = h->events[--h->size];
  h->events[h->size] = NEVER;
  if (h->size > 0) sink(h, last);
}

#endif
