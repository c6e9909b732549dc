/** Settings as text: in the address of the page and on the command line. */
import { DEFAULT_CONFIG, DEFAULT_KNOBS, KNOBS, LIMITS, type DeriveRule, type Knobs, type RunConfig } from "./config";
import { EXPENSIVE } from "./expensive";
import { parseNormalisation } from "./normalisation";

export interface Settings {
  readonly config: RunConfig;
  readonly knobs: Knobs;
}

export interface ParsedSettings extends Settings {
  /** One sentence for each value that could not be used; the default stands in for it. */
  readonly problems: readonly string[];
  /** What the texts set, whether or not it is the default. */
  readonly given: ReadonlySet<keyof RunConfig>;
}

/** One setting: how it is called outside, how its text is read (throws a sentence) and written. */
interface Field<T> {
  readonly key: string;
  readonly read: (text: string) => T;
  readonly write: (value: T) => string;
}

/** Setting names in the URL and on the command line (`--lambda 1e-3`). */
const CONFIG_FIELDS: { readonly [K in keyof Omit<RunConfig, "options" | "derive">]: Field<RunConfig[K]> } = {
  model: word("model"),
  width: integer("width", LIMITS.width),
  data: word("data"),
  dataUrl: address("dataurl"),
  side: integer("side", LIMITS.side),
  fit: oneOf("fit", ["crop", "stretch", "pad"]),
  unit: oneOf("unit", ["character", "word"]),
  method: word("method"),
  weightBits: bitList("wbits"),
  activationBits: bitList("abits"),
  includeEnds: flag("ends"),
  expensive: someOf("qtypes", EXPENSIVE),
  excluded: names("exclude"),
  activations: oneOf("inputs", ["layer", "tensor"]),
  resolution: integer("resolution", LIMITS.resolution),
  normalise: checkedText("norm", (text) => void parseNormalisation(text)),
  modelUrl: address("modelurl"),
  adapt: flag("adapt"),
  start: oneOf("start", ["pretrained", "scratch"]),
  epochs: integer("epochs", LIMITS.epochs),
  batch: integer("batch", LIMITS.batch),
  seed: integer("seed", LIMITS.seed),
  weightRate: real("lr", LIMITS.rate),
  architectureRate: real("lra", LIMITS.rate),
  weightDecay: real("decay", LIMITS.weightDecay),
  shift: flag("shift"),
  flip: flag("flip"),
  retrainFrom: oneOf("from", ["scratch", "search"]),
  retrain: flag("retrain"),
  baselines: flag("baselines"),
  backend: oneOf("backend", ["auto", "webgpu", "wasm", "cpu"]),
};

const DERIVE_FIELDS: { readonly [K in keyof DeriveRule]: Field<DeriveRule[K]> } = {
  rule: oneOf("derive", ["winner", "categorical", "multinomial"]),
  draws: integer("draws", LIMITS.draws),
  tries: integer("tries", LIMITS.tries),
};

const KNOB_FIELDS: { readonly [K in keyof Knobs]: Field<Knobs[K]> } = {
  lambda: real("lambda", KNOBS.lambda),
  target: real("target", KNOBS.target),
  activationTarget: real("atarget", KNOBS.activationTarget),
  kappa: real("kappa", KNOBS.kappa),
};

/** Prefix of a method's own options: `opt.branches=parallel`. */
const OPTION_PREFIX = "opt.";

/** Reads settings from `key -> text` pairs (URL parameters, command-line flags). Never throws: what is wrong is told in `problems`. */
export function parseSettings(entries: Iterable<readonly [string, string]>, defaults: Settings = DEFAULTS): ParsedSettings {
  const texts = new Map(entries);
  const problems: string[] = [];
  const given = new Set<string>();
  const take = <T extends object>(fields: { readonly [K in keyof T]?: Field<T[K]> }, base: T): T => {
    const result = { ...base };
    for (const name of Object.keys(fields) as (keyof T)[]) {
      const field = fields[name] as Field<T[keyof T]>;
      const text = texts.get(field.key);
      if (text === undefined) continue;
      texts.delete(field.key);
      try {
        result[name] = field.read(text);
        given.add(name as string);
      } catch (error) {
        problems.push(`${field.key}=${clip(text)}: ${(error as Error).message} Using ${field.write(base[name])}.`);
      }
    }
    return result;
  };
  const config = take<RunConfig>(CONFIG_FIELDS, defaults.config);
  const derive = take<DeriveRule>(DERIVE_FIELDS, defaults.config.derive);
  const knobs = take<Knobs>(KNOB_FIELDS, defaults.knobs);
  const options = { ...defaults.config.options };
  for (const [key, text] of texts) {
    if (key.startsWith(OPTION_PREFIX)) options[key.slice(OPTION_PREFIX.length)] = text;
    else problems.push(`"${clip(key)}" is not a setting.`);
  }
  return { config: { ...config, derive, options }, knobs, problems, given: given as ReadonlySet<keyof RunConfig> };
}

/**
 * The settings that differ from the defaults, as `key -> text` pairs that `parseSettings` reads. `base` are those defaults: a method's
 * own ones change what has to be said.
 */
export function formatSettings(
  { config, knobs }: Settings,
  base: RunConfig = DEFAULT_CONFIG,
): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  const give = <T extends object>(fields: { readonly [K in keyof T]?: Field<T[K]> }, value: T, usual: T): void => {
    for (const name of Object.keys(fields) as (keyof T)[]) {
      const field = fields[name] as Field<T[keyof T]>;
      const text = field.write(value[name]);
      if (text !== field.write(usual[name])) pairs.push([field.key, text]);
    }
  };
  give<RunConfig>(CONFIG_FIELDS, config, base);
  give<DeriveRule>(DERIVE_FIELDS, config.derive, base.derive);
  give<Knobs>(KNOB_FIELDS, knobs, DEFAULT_KNOBS);
  for (const [id, value] of Object.entries(config.options)) pairs.push([`${OPTION_PREFIX}${id}`, value]);
  return pairs;
}

const DEFAULTS: Settings = { config: DEFAULT_CONFIG, knobs: DEFAULT_KNOBS };

const clip = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}...` : text);

function word(key: string): Field<string> {
  return {
    key,
    read: (text) => {
      if (!/^[\w.-]{1,64}$/.test(text)) throw new RangeError("This is not a name.");
      return text;
    },
    write: (value) => value,
  };
}

function address(key: string): Field<string> {
  return {
    key,
    read: (text) => {
      if (text !== "" && !(text.length <= 2000 && /^https?:/.test(text) && URL.canParse(text))) {
        throw new RangeError("It must be an address that begins with https:// or http://.");
      }
      return text;
    },
    write: (value) => value,
  };
}

function real(key: string, { min, max }: { readonly min: number; readonly max: number }): Field<number> {
  return {
    key,
    read: (text) => {
      const value = text.trim() === "" ? NaN : Number(text);
      if (!(value >= min && value <= max)) throw new RangeError(`It must be a number from ${min} to ${max}.`);
      return value;
    },
    write: String,
  };
}

function integer(key: string, limits: { readonly min: number; readonly max: number }): Field<number> {
  const { read } = real(key, limits);
  return {
    key,
    read: (text) => {
      const value = read(text);
      if (!Number.isInteger(value)) throw new RangeError("It must be a whole number.");
      return value;
    },
    write: String,
  };
}

function flag(key: string): Field<boolean> {
  return {
    key,
    read: (text) => {
      if (text !== "1" && text !== "0") throw new RangeError("It must be 0 or 1.");
      return text === "1";
    },
    write: (value) => (value ? "1" : "0"),
  };
}

function oneOf<T extends string>(key: string, values: readonly T[]): Field<T> {
  return {
    key,
    read: (text) => {
      const value = values.find((known) => known === text);
      if (value === undefined) throw new RangeError(`It must be one of ${values.join(", ")}.`);
      return value;
    },
    write: (value) => value,
  };
}

/** One of the values at least, with commas between. */
function someOf<T extends string>(key: string, values: readonly T[]): Field<readonly T[]> {
  return {
    key,
    read: (text) => {
      const wanted = text.split(",");
      const chosen = values.filter((value) => wanted.includes(value));
      if (chosen.length === 0 || wanted.length !== chosen.length)
        throw new RangeError(`It must be a list of ${values.join(", ")}.`);
      return chosen;
    },
    write: (value) => value.join(","),
  };
}

/** Any names, with commas between; commas in a name are written as in addresses, %2C. */
function names(key: string): Field<readonly string[]> {
  return {
    key,
    read: (text) => {
      if (text.length > MAX_NAMES_LENGTH) throw new RangeError("These are too many names.");
      return text === "" ? [] : text.split(",").map((name) => name.replace(/%2C|%25/g, decodeURIComponent));
    },
    write: (value) => value.map((name) => name.replace(/[%,]/g, encodeURIComponent)).join(","),
  };
}

/** A text that `check` throws a sentence for if it means nothing. */
function checkedText(key: string, check: (text: string) => void): Field<string> {
  return {
    key,
    read: (text) => {
      check(text);
      return text;
    },
    write: (value) => value,
  };
}

/** Longer than any address that a browser takes. */
const MAX_NAMES_LENGTH = 8000;

function bitList(key: string): Field<readonly number[]> {
  const { min, max } = LIMITS.bits;
  return {
    key,
    read: (text) => {
      const bits = [...new Set(text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part))))].sort((a, b) => a - b);
      if (!bits.every((b) => Number.isInteger(b) && b >= min && b <= max)) {
        throw new RangeError(`It must be a list of bit-widths from ${min} to ${max}, such as 1,2,3,4.`);
      }
      return bits;
    },
    write: (value) => value.join(","),
  };
}
