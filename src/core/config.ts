/** What a run is made of. *Configuration* starts a new run; *knobs* move during one. Limits live here and nowhere else. */

export type BackendId = "webgpu" | "wasm" | "cpu";

export interface DeriveRule {
  /** `winner`: argmax. `categorical`: one draw per site. `multinomial`: most frequent of `draws` draws. */
  readonly rule: "winner" | "categorical" | "multinomial";
  readonly draws: number;
  /** How many sampled policies are compared by accuracy on held-out training images; within the expected BitOps. */
  readonly tries: number;
}

export interface RunConfig {
  /** Id of a built-in network. */
  readonly model: string;
  /** Channels of the network's first stage. */
  readonly width: number;
  /** Id of a data set that the worker holds: "glyphs" or "imported". */
  readonly data: string;
  readonly method: string;
  /** The method's own variants, by the ids of its option list. */
  readonly options: Readonly<Record<string, string>>;
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
  /** Search the first and the last layer too. */
  readonly includeEnds: boolean;
  /** Epochs of the search, and of each training that follows. */
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  /** Learning rate of the weights at the start. */
  readonly weightRate: number;
  /** Learning rate of the architecture parameters at the start. */
  readonly architectureRate: number;
  readonly weightDecay: number;
  /** Random shifts by up to two pixels. */
  readonly shift: boolean;
  /** Random horizontal flips. */
  readonly flip: boolean;
  readonly derive: DeriveRule;
  /** What the derived network starts from when it is retrained. */
  readonly retrainFrom: "scratch" | "search";
  /** Train the derived policy, and the float and uniform networks, after the search. */
  readonly retrain: boolean;
  readonly baselines: boolean;
  readonly backend: "auto" | BackendId;
}

export interface Knobs {
  /** Weight of the complexity in the loss (EdMIPS, eq. 15). */
  readonly lambda: number;
}

export const LIMITS = {
  width: { min: 2, max: 256 },
  epochs: { min: 1, max: 1000 },
  batch: { min: 1, max: 1024 },
  seed: { min: 0, max: 2 ** 31 - 1 },
  rate: { min: 1e-6, max: 10 },
  weightDecay: { min: 0, max: 1 },
  lambda: { min: 1e-6, max: 1 },
  bits: { min: 1, max: 8 },
  draws: { min: 1, max: 10_000 },
  tries: { min: 1, max: 64 },
} as const;

export const DEFAULT_CONFIG: RunConfig = {
  model: "resnet8",
  width: 8,
  data: "glyphs",
  method: "edmips",
  options: {},
  weightBits: [1, 2, 3, 4],
  activationBits: [2, 3, 4],
  includeEnds: false,
  epochs: 8,
  batch: 64,
  seed: 1,
  weightRate: 0.1,
  // A hundred times the published rate: a search here has hundreds of steps, not a hundred thousand, and its probabilities must move.
  architectureRate: 1,
  weightDecay: 1e-4,
  shift: true,
  flip: false,
  derive: { rule: "winner", draws: 20, tries: 4 },
  retrainFrom: "scratch",
  retrain: true,
  baselines: true,
  backend: "auto",
};

export const DEFAULT_KNOBS: Knobs = { lambda: 1e-3 };

export interface Settings {
  readonly config: RunConfig;
  readonly knobs: Knobs;
}

export interface ParsedSettings extends Settings {
  /** One sentence for each value that could not be used; the default stands in for it. */
  readonly problems: readonly string[];
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
  method: word("method"),
  weightBits: bitList("wbits"),
  activationBits: bitList("abits"),
  includeEnds: flag("ends"),
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

const KNOB_FIELDS: { readonly [K in keyof Knobs]: Field<Knobs[K]> } = { lambda: real("lambda", LIMITS.lambda) };

/** Prefix of a method's own options: `opt.branches=parallel`. */
const OPTION_PREFIX = "opt.";

/** Reads settings from `key -> text` pairs (URL parameters, command-line flags). Never throws: what is wrong is told in `problems`. */
export function parseSettings(entries: Iterable<readonly [string, string]>, defaults: Settings = DEFAULTS): ParsedSettings {
  const texts = new Map(entries);
  const problems: string[] = [];
  const take = <T extends object>(fields: { readonly [K in keyof T]?: Field<T[K]> }, base: T): T => {
    const result = { ...base };
    for (const name of Object.keys(fields) as (keyof T)[]) {
      const field = fields[name] as Field<T[keyof T]>;
      const text = texts.get(field.key);
      if (text === undefined) continue;
      texts.delete(field.key);
      try {
        result[name] = field.read(text);
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
  return { config: { ...config, derive, options }, knobs, problems };
}

/** The settings that differ from the defaults, as `key -> text` pairs that `parseSettings` reads. */
export function formatSettings({ config, knobs }: Settings): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  const give = <T extends object>(fields: { readonly [K in keyof T]?: Field<T[K]> }, value: T, base: T): void => {
    for (const name of Object.keys(fields) as (keyof T)[]) {
      const field = fields[name] as Field<T[keyof T]>;
      const text = field.write(value[name]);
      if (text !== field.write(base[name])) pairs.push([field.key, text]);
    }
  };
  give<RunConfig>(CONFIG_FIELDS, config, DEFAULT_CONFIG);
  give<DeriveRule>(DERIVE_FIELDS, config.derive, DEFAULT_CONFIG.derive);
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
