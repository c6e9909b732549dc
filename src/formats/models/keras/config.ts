/** What a layer's JSON says about it, checked as it is read: a file decides nothing without being asked. */
import { quoted } from "../../../core/json";

/** Why a layer cannot be used: the end of a sentence, without its full stop. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

export type Config = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Config => typeof value === "object" && value !== null && !Array.isArray(value);

/** Far above any layer; products of two stay exact. */
const MOST = 2 ** 26;

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MOST;

/** A value as it may stand inside a sentence. */
const shown = (value: unknown): string => quoted(value === undefined ? "nothing" : JSON.stringify(value));

const wrong = (key: string, value: unknown, wanted: string): Unsupported =>
  new Unsupported(`its ${key} is ${shown(value)} where ${wanted} is needed`);

/** A whole number of 1 or more. */
export function count(config: Config, key: string, missing?: number): number {
  const value = config[key] ?? missing;
  if (!isCount(value)) throw wrong(key, value, "a number of 1 or more");
  return value;
}

/** [height, width]; one number stands for both. */
export function pair(config: Config, key: string, missing?: readonly [number, number]): readonly [number, number] {
  const value = config[key] ?? missing;
  if (isCount(value)) return [value, value];
  const [height, width] = Array.isArray(value) && value.length === 2 ? (value as readonly unknown[]) : [];
  if (!isCount(height) || !isCount(width)) throw wrong(key, value, "a pair of numbers");
  return [height, width];
}

export function real(config: Config, key: string, missing: number): number {
  const value = config[key] ?? missing;
  if (typeof value !== "number") throw wrong(key, value, "a number");
  return value;
}

export function flag(config: Config, key: string, missing: boolean): boolean {
  const value = config[key] ?? missing;
  if (typeof value !== "boolean") throw wrong(key, value, "true or false");
  return value;
}

/** Whole numbers, of any sign. */
export function integers(config: Config, key: string): readonly number[] {
  const value = config[key];
  const list = (Array.isArray(value) ? value : [value]) as readonly unknown[];
  return list.map((item) => {
    if (typeof item !== "number" || !Number.isInteger(item)) throw wrong(key, value, "a list of whole numbers");
    return item;
  });
}

/** Numbers in a list or a list of lists, one after another; null if there is nothing. */
export function numbers(config: Config, key: string): readonly number[] | null {
  const value = config[key] ?? null;
  if (value === null) return null;
  return [value].flat(8).map((item: unknown) => {
    if (typeof item !== "number") throw wrong(key, value, "a list of numbers");
    return item;
  });
}

/** Refuses a layer one of whose settings changes what it computes to something else. `allowed` are the values that do not. */
export function only(config: Config, key: string, ...allowed: readonly unknown[]): void {
  const value = config[key] ?? null;
  if (value !== null && !allowed.includes(value)) throw new Unsupported(`${key} ${shown(value)} is not supported`);
}

/** Whether windows reach over the border ("same") or not ("valid"); images whose channels come first are refused. */
export function isSame(config: Config): boolean {
  only(config, "data_format", "channels_last");
  only(config, "padding", "valid", "same");
  return config["padding"] === "same";
}
