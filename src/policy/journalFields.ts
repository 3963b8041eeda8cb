/** Forms of the values of a log: one table writes and reads each, so that the two cannot come apart. */
import { PolicyError } from "./types.js";

/**
 * A form. It writes the text at once, without an object to be made into one: a line is written for every decision. What
 * it writes is plain JSON, and reads back as the same value, bit for bit.
 */
export interface Form<T> {
  readonly write: (value: T) => string;
  /** `at` names the value in messages. */
  readonly read: (value: unknown, at: string) => T;
  /** May be left out of an object. */
  readonly mayMiss?: true;
}

/** Forms of an object's fields, in the order in which they are written. */
type Forms<T> = { readonly [K in keyof Required<T>]: Form<Required<T>[K]> };

/** What JSON has no number for, written as text. */
const UNWRITABLE: Readonly<Record<string, number>> = {
  "-0": -0,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** Any number at all. */
export const NUMBER: Form<number> = {
  write: (value) => (Object.is(value, -0) ? '"-0"' : Number.isFinite(value) ? `${value}` : `"${value}"`),
  read: (value, at) => {
    if (typeof value === "number") return value;
    if (typeof value === "string" && Object.hasOwn(UNWRITABLE, value)) return UNWRITABLE[value]!;
    return wrong(at, "a number", value);
  },
};

/** Any text. */
export const TEXT: Form<string> = {
  write: (value) => JSON.stringify(value),
  read: (value, at) => (typeof value === "string" ? value : wrong(at, "text", value)),
};

/** Yes or no. */
export const FLAG: Form<boolean> = {
  write: (value) => (value ? "true" : "false"),
  read: (value, at) => (typeof value === "boolean" ? value : wrong(at, "true or false", value)),
};

/** One of some words or numbers. */
export function oneOf<const T extends string | number>(words: readonly T[]): Form<T> {
  const read = (value: unknown, at: string): T =>
    words.find((word) => word === value) ?? wrong(at, `one of ${words.join(", ")}`, value);
  const texts = new Map<T, string>(words.map((word) => [word, JSON.stringify(word)]));
  return { write: (value) => texts.get(value) ?? JSON.stringify(value), read };
}

/** The same, or null. */
export function orNull<T>(form: Form<T>): Form<T | null> {
  return {
    write: (value) => (value === null ? "null" : form.write(value)),
    read: (value, at) => (value === null ? null : form.read(value, at)),
  };
}

/** The same, and an object may be without it. */
export function missing<T>(form: Form<T>): Form<T> {
  return { ...form, mayMiss: true };
}

/** A list of so many, or of any number where no count is given. */
export function listOf<T>(form: Form<T>, count?: number): Form<readonly T[]> {
  return {
    write: (values) => `[${values.map(form.write).join(",")}]`,
    read: (values, at) => {
      if (!Array.isArray(values) || (count !== undefined && values.length !== count))
        return wrong(at, count === undefined ? "a list" : `a list of ${count}`, values);
      return values.map((value, i) => form.read(value, `${at}[${i}]`));
    },
  };
}

/** Values by names that are not known beforehand. */
export function byName<T>(form: Form<T>): Form<Readonly<Record<string, T>>> {
  return {
    write: (record) => {
      const parts = Object.entries(record).map(([k, v]) => `${JSON.stringify(k)}:${form.write(v)}`);
      return `{${parts.join(",")}}`;
    },
    read: (record, at) =>
      Object.fromEntries(Object.entries(object(record, at)).map(([k, v]) => [k, form.read(v, `${at}.${k}`)])),
  };
}

/** An object with these fields and no others: what else a value has is not written, and not read. */
export function fields<T extends object>(forms: Forms<T>): Form<T> {
  const table = Object.entries(forms) as readonly (readonly [string, Form<unknown>])[];
  const known = new Set(table.map(([key]) => key));
  const parts = table.map(([key, form]) => ({ key, form, label: `${JSON.stringify(key)}:` }));
  const write = (value: T): string => {
    let text = "";
    for (const { key, form, label } of parts) {
      const part = (value as Readonly<Record<string, unknown>>)[key];
      if (part === undefined) continue;
      text += `${text === "" ? "{" : ","}${label}${form.write(part)}`;
    }
    return text === "" ? "{}" : `${text}}`;
  };
  const read = (value: unknown, at: string): T => {
    const given = object(value, at);
    for (const key of Object.keys(given)) {
      if (!known.has(key)) throw new PolicyError([`${at}.${key} is unknown`]);
    }
    const told: Record<string, unknown> = {};
    for (const [key, form] of table) {
      if (Object.hasOwn(given, key)) told[key] = form.read(given[key], `${at}.${key}`);
      else if (form.mayMiss === undefined) throw new PolicyError([`${at}.${key} is missing`]);
    }
    return told as T;
  };
  return { write, read };
}

/** One of several objects, told apart by the word in `tag`. */
export function variants<T extends object, K extends keyof T & string>(
  tag: K,
  forms: { readonly [W in T[K] & string]: Form<Extract<T, { readonly [P in K]: W }>> },
): Form<T> {
  const table = forms as unknown as Readonly<Record<string, Form<T>>>;
  return {
    write: (value) => table[value[tag] as string]!.write(value),
    read: (value, at) => {
      const word = object(value, at)[tag];
      if (typeof word === "string" && Object.hasOwn(table, word)) return table[word]!.read(value, at);
      return wrong(`${at}.${tag}`, `one of ${Object.keys(table).join(", ")}`, word);
    },
  };
}

function object(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return wrong(at, "an object", value);
  return value as Readonly<Record<string, unknown>>;
}

/** Longest piece of a wrong value that a message repeats: whoever wrote it may have written anything. */
const SHOWN_CHARACTERS = 60;

function wrong(at: string, rule: string, value: unknown): never {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  throw new PolicyError([`${at} must be ${rule}, got ${shown}`]);
}
