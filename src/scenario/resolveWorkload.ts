/**
 * The workload block resolved: places found, demand as step functions, classes with their models.
 */
import { PLAIN_CALLER } from "../policy/index.js";
import { type DiurnalName, diurnalFactor, findSite, originOf } from "./catalogue/index.js";
import type { Client, RequestClass, Session, Site } from "./scenario.js";
import type { ScenarioForm } from "./schema.js";
import type { ClassForm, ClientForm, SessionForm, SiteForm } from "./schemaWorkload.js";

const US_PER_HOUR = 3_600_000_000;
const SECONDS_PER_HOUR = 3600;
/** Local time runs in quarters of an hour against UTC (Nepal: +5:45), so curves step on quarters. */
const STEPS_PER_HOUR = 4;

/** The request classes; `models` are those the endpoints serve, `endpoints` their ids. */
export function resolveClasses(
  forms: Readonly<Record<string, ClassForm>>,
  models: readonly string[],
  endpoints: readonly string[],
): readonly RequestClass[] {
  return Object.entries(forms).map(([id, form]) => ({
    id,
    share: form.share,
    model: form.model ?? models[0]!,
    inputTokens: form.inputTokens,
    outputTokens: form.outputTokens,
    maxOutputTokens: form.maxOutputTokens,
    priority: form.priority,
    tenant: form.tenant,
    sharedPrefixTokens: form.sharedPrefixTokens,
    session: form.session === undefined ? null : resolveSession(form.session),
    ...(form.api === "chat" ? {} : { api: form.api }),
    ...(Object.keys(form.metadata).length === 0 ? {} : { metadata: form.metadata }),
    ...(form.only === undefined ? {} : { onlyEndpoints: form.only.map((each) => endpoints.indexOf(each)) }),
  }));
}

function resolveSession({ turns, think, maxContext }: SessionForm): Session {
  return { turns, think, maxContextTokens: maxContext };
}

/** The sites with their demand over the run. */
export function resolveSites(form: ScenarioForm): readonly Site[] {
  return form.workload.sites.map((site) => {
    const place = findSite(site.from);
    if (place === undefined) throw new Error(`bug: no place ${JSON.stringify(site.from)}`);
    return {
      id: site.id ?? site.from,
      country: place.country,
      origin: originOf(place.country),
      city: place.city,
      latitude: place.latitude,
      longitude: place.longitude,
      closed: site.closed ?? null,
      ...demandOf(site, curveOf(site, form.workload.diurnal), place.utcOffsetHours, form),
    };
  });
}

/** Mean demand over a day, requests per second. */
export function meanPerSecond(site: SiteForm): number {
  return site.rate ?? ((site.users ?? 0) * (site.perUserPerHour ?? 0)) / SECONDS_PER_HOUR;
}

/** Requests the steps add up to by the end of the run, on average. */
export function expectedRequests(site: Site, durationUs: number): number {
  let sum = 0;
  for (let index = 0; index < site.startsUs.length; index += 1) {
    const endUs = site.startsUs[index + 1] ?? durationUs;
    sum += (site.perSecond[index]! * (endUs - site.startsUs[index]!)) / 1_000_000;
  }
  return sum;
}

/** A rate is taken as it is written; people have days. */
function curveOf(site: SiteForm, common: DiurnalName | undefined): DiurnalName {
  return site.diurnal ?? common ?? (site.rate === undefined ? "assistant" : "flat");
}

function demandOf(
  site: SiteForm,
  curve: DiurnalName,
  utcOffsetHours: number,
  form: ScenarioForm,
): Pick<Site, "startsUs" | "perSecond"> {
  const mean = meanPerSecond(site);
  const starts: number[] = [];
  const rates: number[] = [];
  const first = Math.floor(form.start * STEPS_PER_HOUR);
  for (let step = first; ; step += 1) {
    const hour = step / STEPS_PER_HOUR;
    const startUs = Math.max(0, Math.round((hour - form.start) * US_PER_HOUR));
    if (startUs >= form.duration) break;
    const rate = mean * diurnalFactor(curve, hour, utcOffsetHours);
    if (rates[rates.length - 1] === rate) continue;
    starts.push(startUs);
    rates.push(rate);
    if (curve === "flat") break;
  }
  return { startsUs: Float64Array.from(starts), perSecond: Float64Array.from(rates) };
}

/** The client. */
export function resolveClient(form: ClientForm): Client {
  return {
    timeout: form.timeout,
    caller: { retry: form.retry ?? PLAIN_CALLER.retry, ...form.protect },
    instances: form.instances,
    connectionReuse: form.connection.reuse,
    handshakeRoundTrips: form.connection.handshakeRoundTrips,
  };
}
