/** `bitloom search`: the page's run without the page. */
import { writeFile } from "node:fs/promises";
import { withMethodDefaults, withPretrainedRate, type RunConfig } from "../core/config";
import { formatSettings } from "../core/settings-text";
import { emptyHistory, recordEvent, type History } from "../core/history";
import type { Policy } from "../core/policy";
import type { RunEvent } from "../core/protocol";
import { createControl } from "../engine/control";
import { RunFailure } from "../engine/failure";
import { findMethod } from "../engine/methods";
import { adaptStudy, disposeStudy, newestNetwork, openStudy, runStudy } from "../engine/study";
import { parseArguments, UsageError } from "./arguments";
import { openNodeBackend } from "./backend";
import type { Command } from "./command";
import { openData } from "./data";
import { openSettings } from "./network";
import { progressBar } from "./progress";

const OWN_FLAGS = ["data", "out", "policy", "csv", "network", "quiet"];

export const search: Command = {
  name: "search",
  usage: `search [--model ID|FILE] [--data glyphs|sentences|PATH|URL] [--method ID] [--lambda X] [--epochs N] [--seed N] [--out FILE] ...
    Searches, derives a policy, retrains it and trains the baselines; prints the result as JSON (to FILE with --out).
    --model FILE   a network of your own, a file or an address: ONNX (.onnx), Keras (.keras), a TensorFlow.js model.json with its
                   weights beside it; --start scratch takes new weights instead of its own
    --data PATH    a folder, a file or an address: the four MNIST files, the CIFAR-10 or CIFAR-100 binary archive, a zip or a folder
                    of images (PNG, JPEG) with one folder a class, .npz, Parquet of Hugging Face, a CSV file of numbers for
                    --model mlp or of texts for --model lstm-classifier, a text (.txt) for --model lstm-lm
    --side 32      images of a zip, a folder or Parquet in this size; --fit crop|stretch|pad says how
    --unit word    a text by words, not characters
    --policy FILE  writes the policy JSON        --csv FILE  writes the history
    --network FILE writes the network with its float weights, a TensorFlow.js LayersModel (.zip)
    --retrain 0, --baselines 0   leave those out  --quiet     no progress bar
    further: every setting of the page by its name in the URL, such as --width 16 --batch 64 --wbits 1,2,3,4 --abits 2,3,4 --lr 0.1
    --lra 0.01 --ends 1 --flip 1 --shift 0 --derive multinomial --from search --opt.branches parallel --backend cpu`,
  run: async (args) => {
    const parsed = parseArguments(args, ["quiet"]);
    if (parsed.words.length > 0) throw new UsageError(`search takes options only, not "${parsed.words[0]}".`);
    const { network, config: asked, knobs, given } = await openSettings(parsed, OWN_FLAGS);
    const data = parsed.flags.get("data") ?? "glyphs";
    const dataset = await openData(data, asked);
    const usual = withMethodDefaults(asked, findMethod(asked.method).defaults, given);
    const config: RunConfig = { ...withPretrainedRate(usual, given), data: dataset.info.id };
    const backend = await openNodeBackend(config.backend);
    const control = createControl(knobs);
    const history = emptyHistory();
    const bar = progressBar(parsed.flags.has("quiet") ? null : process.stderr);
    let derived: TestAccuracy | null = null;
    const notes: string[] = [];
    const emit = (event: RunEvent): void => {
      recordEvent(history, event);
      if (event.type === "derived") derived = event.policy.totals.accuracy ?? null;
      if (event.type === "log") notes.push(event.text);
      bar.show(history, event);
    };
    process.once("SIGINT", () => control.command({ type: "stop" }));
    const started = performance.now();
    const study = await adaptStudy(openStudy(config, dataset, network));
    let verdict;
    try {
      verdict = await runStudy(study, { backend: backend.info, backendFailure: backend.failure, control, emit });
    } finally {
      bar.end();
    }
    const report = reportOf(config, history, backend.info.label, data, {
      derived,
      notes,
      seconds: (performance.now() - started) / 1000,
    });
    const text = `${JSON.stringify({ ...report, settings: Object.fromEntries(formatSettings({ config, knobs })) }, null, 2)}\n`;
    const out = parsed.flags.get("out");
    if (out === undefined) process.stdout.write(text);
    else await writeFile(out, text);
    await writeFiles(parsed.flags, history, study);
    disposeStudy(study);
    return verdict === "stop" ? 130 : 0;
  },
};

async function writeFiles(
  flags: ReadonlyMap<string, string>,
  history: History,
  study: ReturnType<typeof openStudy>,
): Promise<void> {
  const { EXPORTERS, NETWORK_EXPORTERS } = await import("../formats/write");
  const context = { config: study.config, policy: history.policy, history, space: study.space };
  for (const [flag, id] of [
    ["policy", "policy-json"],
    ["csv", "history-csv"],
  ] as const) {
    const file = flags.get(flag);
    if (file === undefined) continue;
    const exporter = EXPORTERS.find((known) => known.id === id);
    if (!exporter?.available(context))
      throw new RunFailure("config", `There is nothing to write to ${file}: the run ended too early.`);
    await writeFile(file, exporter.write(context));
  }
  const [layersModel] = NETWORK_EXPORTERS;
  const file = flags.get("network");
  if (file === undefined || !layersModel) return;
  const { bytes, notes } = layersModel.write(await newestNetwork(study, history.policy), study.config);
  await writeFile(file, bytes);
  for (const note of notes) process.stderr.write(`${note}\n`);
}

type TestAccuracy = NonNullable<Policy["totals"]["accuracy"]>;

interface Measured {
  readonly derived: TestAccuracy | null;
  /** What the log said of the run. */
  readonly notes: readonly string[];
  readonly seconds: number;
}

function reportOf(config: RunConfig, history: History, backend: string, data: string, measured: Measured): object {
  const { derived, notes, seconds } = measured;
  const relaxed = history.evaluations.filter((evaluation) => evaluation.label === "relaxed").at(-1);
  return {
    model: config.model,
    width: config.width,
    data,
    method: config.method,
    seed: config.seed,
    epochs: config.epochs,
    backend,
    seconds,
    derivedAccuracy: derived?.value ?? null,
    relaxedAccuracy: relaxed?.accuracy ?? null,
    ...(relaxed?.perplexity != null && { derivedPerplexity: derived?.perplexity ?? null, relaxedPerplexity: relaxed.perplexity }),
    results: history.results.map(({ policy: _, ...result }) => result),
    tried: history.tried,
    notes,
    policy: history.policy,
  };
}
