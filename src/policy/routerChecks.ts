/** What a router is told in numbers, looked at before any of it is believed. */
import type { Ask, Settlement } from "./routerTypes.js";
import { PolicyError } from "./types.js";

/** A number that is not one would make a limit neither hold nor fail, and luck of 1 points past the last target. */
export function checkAsk(ask: Ask, needsGuardLuck: boolean): void {
  const problems: string[] = [];
  checkTokens(problems, "tokens", ask.tokens);
  if (ask.weight !== undefined) checkTokens(problems, "weight", ask.weight);
  checkTime(problems, "nowMs", ask.nowMs);
  checkDraws(problems, "luck", ask.luck);
  if (needsGuardLuck) checkDraws(problems, "guardLuck", ask.guardLuck ?? []);
  for (const tokens of Object.values(ask.tokensAt ?? {})) checkTokens(problems, "tokensAt", tokens);
  if (problems.length > 0) throw new PolicyError(problems);
}

/** The same at the end of a call, where it would make a limit admit nothing ever again. */
export function checkSettlement(end: Settlement, guards: boolean): void {
  const { tokensReserved, tokensUsed, nowMs, retryAtMs, startedMs, rttMs } = end;
  const problems: string[] = [];
  checkTokens(problems, "tokensReserved", tokensReserved);
  checkTokens(problems, "tokensUsed", tokensUsed);
  checkTime(problems, "nowMs", nowMs);
  if (retryAtMs !== undefined) checkTime(problems, "retryAtMs", retryAtMs);
  if (rttMs !== undefined && !(rttMs >= 0 && rttMs < Number.POSITIVE_INFINITY)) {
    problems.push(`rttMs must be a finite number >= 0, got ${rttMs}`);
  }
  if (guards && rttMs === undefined && !(startedMs !== undefined && startedMs <= nowMs)) {
    problems.push(`startedMs must be a time up to nowMs where a caller guards, got ${startedMs}`);
  }
  if (problems.length > 0) throw new PolicyError(problems);
}

/** A time is needed. */
export function checkNow(nowMs: number): void {
  const problems: string[] = [];
  checkTime(problems, "nowMs", nowMs);
  if (problems.length > 0) throw new PolicyError(problems);
}

function checkTokens(problems: string[], name: string, tokens: number): void {
  if (!(tokens >= 0 && tokens < Number.POSITIVE_INFINITY)) {
    problems.push(`${name} must be a finite number >= 0, got ${tokens}`);
  }
}

function checkTime(problems: string[], name: string, timeMs: number): void {
  if (!Number.isFinite(timeMs)) problems.push(`${name} must be a finite number, got ${timeMs}`);
}

function checkDraws(problems: string[], name: string, draws: readonly number[]): void {
  for (const i of [0, 1]) {
    const draw = draws[i] ?? Number.NaN;
    if (!(draw >= 0 && draw < 1)) problems.push(`${name}[${i}] must be in [0, 1), got ${draws[i]}`);
  }
}
