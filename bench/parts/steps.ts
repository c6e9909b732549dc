/** Training steps on WASM: the engine on one thread and on all, stock TensorFlow.js operations beside it, in one run. */
import { launchChromium, openDesk, THREADS } from "../chromium";
import { joined, quotient, spreadOf, type Figure, type Report, type Target } from "../figures";
import type { NetworkId } from "../measure/networks";
import { openLanes, takeTurns, type Lane, type Opening, type Stepper } from "../rounds";

/** Matrices of the product that stands for the machine's peak. */
const PEAK_SIZE = 1024;

/** The prototype's 4-conv step with 4 x 3 candidates: 18.7 ms where the product of 1024^3 ran at 64 GFLOP/s, in GFLOP. */
const PROTOTYPE_STEP = 18.7e-3 * 64;

/** Steps in a row of one measurement, so that it takes a sixth of a second or more. */
const STEPS = { "4-conv": 12, "ResNet-20": 1 } as const;

/** Losses before the first step agree to this; ties of rounding may fall to either side. */
const SAME_LOSS = 1e-3;

/** Rounds of all variants on both networks. */
export async function measureSteps(rounds: number, say: (text: string) => void): Promise<Report> {
  const desk = await openDesk(await launchChromium());
  try {
    const engines = new Map<string, Stepper>();
    for (const threads of new Set([1, THREADS])) {
      const engine = await desk.engine();
      engines.set(await engine.open("wasm", threads), engine);
    }
    const stock = await desk.composed();
    await stock.open(THREADS);
    const where = [...engines.keys()].at(-1) ?? "";
    const reports: Report[] = [];
    for (const network of ["4-conv", "ResNet-20"] as const) {
      say(`steps of ${network}`);
      const openings: Opening[] = [];
      for (const [label, session] of engines) openings.push(await openLanes(label, session, network, STEPS[network]));
      if (network === "4-conv") openings.push(await openLanes(COMPOSED, stock, network, 1));
      checkLosses(openings);
      const peak: Lane = { where: COMPOSED, variant: PEAK, measure: () => stock.matmul(PEAK_SIZE) };
      const lanes = openings.flatMap((opening) => opening.lanes);
      const samples = await takeTurns([...lanes, peak], rounds);
      const notes = openings.flatMap(({ refusals }) => refusals);
      reports.push({ figures: figuresOf(network, samples, where), targets: targetsOf(network, samples, where), notes });
      for (const session of [...engines.values(), stock]) await session.release();
    }
    return joined(reports);
  } finally {
    await desk.close();
  }
}

const COMPOSED = `stock tfjs, threads: ${THREADS}`;
const PEAK = `matmul ${PEAK_SIZE}^3`;

/** The comparison is worth nothing if the two sides train different networks. */
function checkLosses(openings: readonly Opening[]): void {
  const [first, ...others] = openings.map(({ losses }) => losses);
  for (const losses of others) {
    for (const [variant, loss] of losses) {
      const expected = first?.get(variant);
      if (expected === undefined || Math.abs(loss - expected) > SAME_LOSS * Math.abs(expected)) {
        throw new Error(`The loss of ${variant} before its first step is ${loss} in one place and ${expected} in another.`);
      }
    }
  }
}

type Samples = ReadonlyMap<Lane, readonly number[]>;

const find = (samples: Samples, where: string, variant: string): readonly number[] | undefined =>
  [...samples].find(([lane]) => lane.where === where && lane.variant === variant)?.[1];

function figuresOf(network: NetworkId, samples: Samples, engine: string): readonly Figure[] {
  return [...samples].map(([{ where, variant }, values]) => {
    const peak = variant === PEAK;
    return {
      where,
      what: peak ? `${PEAK} (during ${network})` : `${network}, ${variant}`,
      value: spreadOf(values),
      unit: peak ? "GFLOP/s" : "ms",
      note: peak ? "" : ratios(samples, where, variant, values, engine),
    };
  });
}

/** `engine` is what stock operations are set beside. */
function ratios(samples: Samples, where: string, variant: string, values: readonly number[], engine: string): string {
  const beside = (name: string, reference: readonly number[] | undefined): readonly string[] =>
    reference ? [`${quotient(values, reference).toFixed(2)} x ${name}`] : [];
  const pair = where === COMPOSED ? find(samples, engine, variant) : undefined;
  return [
    ...(variant === "float" ? [] : beside("float", find(samples, where, "float"))),
    ...(variant.endsWith(" 8+8") ? beside("2+2", find(samples, where, variant.replace("8+8", "2+2"))) : []),
    ...beside("ours", pair),
  ].join(", ");
}

function targetsOf(network: NetworkId, samples: Samples, where: string): readonly Target[] {
  const step = (variant: string): readonly number[] => find(samples, where, variant) ?? [];
  const atMost = (what: string, limit: number, a: string, b: string): Target => ({
    what: `${network} on ${where}: ${what}`,
    limit,
    kind: "at most",
    measured: quotient(step(a), step(b)),
  });
  const search = [
    atMost("EdMIPS 4x3 / float", 1.15, "EdMIPS 4x3", "float"),
    atMost("EdMIPS 8+8 / 2+2", 1.2, "EdMIPS 8+8", "EdMIPS 2+2"),
    atMost("W2A2 / float", 1.1, "W2A2", "float"),
    atMost("AutoQNN, eight schemes / uniform ClipQ", 1.5, "AutoQNN QSS", "AutoQNN QSS uniform W3A3 (clipq)"),
  ];
  const composed = [...samples].filter(([lane]) => lane.where === COMPOSED && lane.variant !== PEAK);
  if (composed.length === 0) return search;
  const peak = find(samples, COMPOSED, PEAK) ?? [];
  const equivalent = step("EdMIPS 4x3").map((ms, round) => (ms / 1000) * (peak[round] ?? NaN));
  return [
    ...search,
    ...composed.map(([{ variant }, values]): Target => ({
      what: `${network} on ${where}: stock tfjs / ours, ${variant}`,
      limit: 10,
      kind: "at least",
      measured: quotient(values, step(variant)),
    })),
    {
      what: `${network} on ${where}: EdMIPS 4x3 step x matmul rate / the prototype's`,
      limit: 1.1,
      kind: "at most",
      measured: spreadOf(equivalent).median / PROTOTYPE_STEP,
    },
  ];
}
