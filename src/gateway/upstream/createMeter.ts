/** Which meter an answer needs. */
import { EventMeter } from "./eventMeter.js";
import { firstValue, type Received } from "./headers.js";
import { JsonMeter } from "./jsonMeter.js";
import type { Meter } from "./meter.js";

/** The meter for an answer of these headers. `streams`: what was asked for, believed where the answer names no type. */
export function createMeter(headers: Received, streams: boolean, eventBytes: number): Meter {
  const type = firstValue(headers, "content-type")?.toLowerCase() ?? (streams ? "text/event-stream" : "");
  return type.startsWith("text/event-stream") ? new EventMeter(eventBytes) : new JsonMeter();
}
