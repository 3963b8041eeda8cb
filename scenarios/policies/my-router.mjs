// The nearest endpoint that answers probes and has not failed three times in a row of late. It never asks where a
// prompt may go. A router is made for each gateway; what it learns, `settle` tells it.
const REST_MS = 30_000;

export default function makeRouter(config) {
  const failures = new Map(config.targets.map(({ id }) => [id, { inARow: 0, lastMs: 0 }]));
  const rests = (id, nowMs) => failures.get(id).inARow >= 3 && nowMs < failures.get(id).lastMs + REST_MS;

  return {
    route({ model, tried, nowMs }, view) {
      const [nearest] = config.targets
        .filter(({ id, models }) => models.includes(model) && view[id].up && !rests(id, nowMs))
        .filter(({ id }) => !tried.includes(id))
        .sort((a, b) => view[a.id].rttMs - view[b.id].rttMs);
      return nearest ? { target: nearest.id } : { refuse: "no_healthy_region" };
    },

    settle({ target, outcome, nowMs }) {
      const { inARow } = failures.get(target);
      failures.set(target, { inARow: outcome === "ok" ? 0 : inARow + 1, lastMs: nowMs });
    },
  };
}
