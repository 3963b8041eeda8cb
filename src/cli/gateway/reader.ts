/** Reads what a gateway needs beside the scenario: secrets, certificates. Collects every complaint and every file. */
import { X509Certificate } from "node:crypto";
import { isAbsolute, join, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import type { Secret } from "../../gateway/plan.js";
import { createSecret } from "../../gateway/secret.js";
import type { Issue, IssueCode } from "../../scenario/issue.js";
import type { SecretRef } from "../../scenario/serve.js";
import { issueAt, pathText, type SourcePath } from "../../scenario/sourceTree.js";
import { confinedReader, readInputFile, UnreadableFile } from "../inputFiles.js";
import type { ScenarioFile } from "../scenarioFile.js";

/** Environment variables, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a header can carry. */
const KEY_PATTERN = /^[\x21-\x7e]{1,8192}$/;
/** A shorter secret to sign with could be guessed. */
const MIN_SIGNING_BYTES = 16;

/** One per reading of a scenario. What cannot be read gives an empty text and a complaint. */
export class ServeReader {
  readonly issues: Issue[] = [];
  /** Absolute paths of all that was asked for, there or not: when one of them changes, so may the plan. */
  readonly files: Set<string> = new Set();
  readonly #file: ScenarioFile;
  readonly #env: Environment;
  readonly #readInside: (path: string) => string;

  constructor(file: ScenarioFile, env: Environment) {
    this.#file = file;
    this.#env = env;
    this.#readInside = confinedReader(join(file.folder, file.mainFile)).read;
  }

  /** A key as it goes into a header. */
  key(ref: SecretRef, path: SourcePath): Secret {
    const text = this.#secretText(ref, path);
    if (text !== null && !KEY_PATTERN.test(text))
      this.#complain(
        path,
        "invalid-value",
        `${pathText(path)} must be 1 to 8192 visible ASCII characters; it is not shown here`,
      );
    return createSecret(text ?? "");
  }

  /** What the edge signs with. */
  signing(ref: SecretRef, path: SourcePath): Secret {
    const text = this.#secretText(ref, path);
    if (text !== null && Buffer.byteLength(text) < MIN_SIGNING_BYTES)
      this.#complain(
        path,
        "invalid-value",
        `${pathText(path)} must be at least ${MIN_SIGNING_BYTES} bytes; it is not shown here`,
      );
    return createSecret(text ?? "");
  }

  /** A certificate and its private key. */
  pair(cert: string, key: SecretRef, path: SourcePath): { readonly cert: string; readonly key: Secret } {
    const certText = this.certificate(cert, [...path, "cert"]);
    const keyText = this.#secretText(key, [...path, "key"]);
    if (certText !== "" && keyText !== null) this.#checkPair(certText, keyText, path);
    return { cert: certText, key: createSecret(keyText ?? "") };
  }

  /** A PEM file of certificates. */
  certificate(file: string, path: SourcePath): string {
    const text = this.#fileText(file, path);
    if (text === null) return "";
    try {
      new X509Certificate(text);
      return text;
    } catch {
      this.#complain(
        path,
        "invalid-value",
        `${pathText(path)} must be a PEM file of certificates, got ${JSON.stringify(file)}`,
      );
      return "";
    }
  }

  #checkPair(cert: string, key: string, path: SourcePath): void {
    try {
      createSecureContext({ cert, key });
    } catch {
      const at = [...path, "key"];
      this.#complain(
        at,
        "invalid-value",
        `${pathText(at)} must be the private key of tls.cert, in PEM and without a pass phrase; it is not shown here`,
      );
    }
  }

  #secretText(ref: SecretRef, path: SourcePath): string | null {
    if ("file" in ref) return this.#fileText(ref.file, [...path, "file"])?.replace(/\r?\n$/, "") ?? null;
    const text = this.#env[ref.env];
    if (text !== undefined && text !== "") return text;
    const state = text === undefined ? "not set" : "empty";
    const at = [...path, "env"];
    this.#complain(
      at,
      "missing",
      `${pathText(at)} is missing: the environment variable ${ref.env} is ${state}`,
    );
    return null;
  }

  #fileText(file: string, path: SourcePath): string | null {
    this.files.add(resolve(this.#file.folder, file));
    try {
      return isAbsolute(file) ? readInputFile(file).text : this.#readInside(file);
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      this.#complain(
        path,
        error.code,
        `${pathText(path)} cannot be read: ${error.message}, got ${JSON.stringify(file)}`,
      );
      return null;
    }
  }

  #complain(path: SourcePath, code: IssueCode, message: string): void {
    this.issues.push(issueAt(this.#file.placeOf(path), path, { code, message }));
  }
}
