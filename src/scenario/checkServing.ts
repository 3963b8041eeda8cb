/**
 * What a schema cannot see in endpoints and quotas: step times said once, memory said at all, prices and names that exist.
 */
import { findStepTimePreset, findTokenPrice, presetKvCapacityRule, TOKEN_PRICES } from "./catalogue/index.js";
import type { Issue } from "./issue.js";
import { checkKnown, type Names, unknownName, wordsAt } from "./names.js";
import { isPresetFile } from "./resolvePresets.js";
import {
  child,
  entriesOf,
  issueAt,
  keyPlaceOf,
  pathText,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";

/** Checks one endpoint's serving, line and price; complaints go to `issues`. */
export function checkServing(endpoint: SourceNode, path: SourcePath, issues: Issue[]): void {
  const serving = child(endpoint, "serving");
  const kind = textOf(child(serving, "kind"));
  if (kind === "replicas" && child(endpoint, "like") === undefined)
    checkReplicas(serving!, [...path, "serving"], issues);
  if (kind === "server") checkOneOrder(serving!, endpoint, path, issues);
  checkPrice(child(endpoint, "price"), [...path, "price"], issues);
}

/** Checks what quotas name; complaints go to `issues`. */
export function checkQuotas(quotas: SourceNode | undefined, names: Names, issues: Issue[]): void {
  for (const [id, entry] of entriesOf(quotas)) {
    const path = ["deployment", "quotas", id];
    for (const word of wordsAt(child(entry.node, "endpoints"), [...path, "endpoints"]))
      checkKnown(word.node, word.path, "endpoint", names.endpoints, issues);
    for (const word of wordsAt(child(entry.node, "models"), [...path, "models"]))
      checkKnown(word.node, word.path, "endpoint with model", names.models, issues);
  }
}

function checkReplicas(serving: SourceNode, path: SourcePath, issues: Issue[]): void {
  const preset = child(serving, "preset");
  const stepTime = child(serving, "stepTime");
  if (preset !== undefined && stepTime !== undefined) {
    const message = `${pathText(path)} must say preset or stepTime, got both; over a base, delete the other with null`;
    issues.push(
      issueAt(keyPlaceOf(serving, ["stepTime"]), [...path, "stepTime"], { code: "inconsistent", message }),
    );
  }
  if (preset === undefined && stepTime === undefined) {
    const message = `${pathText(path)} is missing its step times: give stepTime, or a preset such as "qwen3-32b/h100-sxm/tp4/bf16/vllm-0.12.0"`;
    issues.push(issueAt(serving.at, [...path, "preset"], { code: "missing", message }));
  }
  const name = textOf(preset);
  if (child(serving, "kvTokens") !== undefined || (name !== undefined && isPresetFile(name))) return;
  issues.push(
    issueAt(serving.at, [...path, "kvTokens"], { code: "missing", message: missingMemory(path, name) }),
  );
}

/** Memory is never guessed: simulators that did moved latencies by a fifth. */
function missingMemory(path: SourcePath, preset: string | undefined): string {
  const row = preset === undefined ? undefined : findStepTimePreset(preset);
  const rule = row === undefined ? undefined : presetKvCapacityRule(row);
  const figure = rule === undefined ? "" : `, about ${Math.round(rule / 1000) * 1000} here`;
  return `${pathText([...path, "kvTokens"])} is missing: say how many tokens of context fit in the memory of one replica; by rule of thumb (accelerators × (memory × 0.9 − 3.5 GB) − weights) / bytes per token${figure}`;
}

/** A server's discipline already says who is next. */
function checkOneOrder(serving: SourceNode, endpoint: SourceNode, path: SourcePath, issues: Issue[]): void {
  const discipline = textOf(child(serving, "discipline")) ?? "fifo";
  const admission = child(endpoint, "admission");
  const order = textOf(child(admission, "order"));
  if (discipline === "fifo" || order === undefined || order === "fifo") return;
  const full = [...path, "admission", "order"];
  const message = `${pathText(full)} must be left out where serving.discipline says who is next (${discipline}), got ${JSON.stringify(order)}`;
  issues.push(issueAt(child(admission, "order")!.at, full, { code: "inconsistent", message, value: order }));
}

function checkPrice(price: SourceNode | undefined, path: SourcePath, issues: Issue[]): void {
  const inside = child(price, "catalogue");
  const node = inside ?? price;
  const key = textOf(node);
  if (node === undefined || key === undefined || key === "" || findTokenPrice(key) !== undefined) return;
  const full = inside === undefined ? path : [...path, "catalogue"];
  const keys = [...new Set(TOKEN_PRICES.map((row) => row.key))];
  issues.push(unknownName(node, full, "price of the catalogue", key, keys));
}
