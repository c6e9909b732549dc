/** `bitloom evaluate`: what a network answers as it is. */
import { readFile } from "node:fs/promises";
import { parsePolicy, type Policy } from "../core/policy";
import { disposeStudy, evaluateAsIs, openStudy } from "../engine/study";
import { parseArguments, UsageError } from "./arguments";
import { openNodeBackend } from "./backend";
import type { Command } from "./command";
import { openData } from "./data";
import { openSettings } from "./network";

const OWN_FLAGS = ["data", "policy", "json"];

export const evaluate: Command = {
  name: "evaluate",
  usage: `evaluate --model FILE --data PATH [--policy POLICY.json] [--norm auto|unit|byte|signed|imagenet|MEAN/DEVIATION] [--json]
    Prints the test accuracy of a network as it is in its file, and its outputs for the first eight test examples (before any
    softmax). With a policy its tensors are quantized so, without any training. Formats as for search.`,
  run: async (args) => {
    const parsed = parseArguments(args, ["json"]);
    if (parsed.words.length > 0) throw new UsageError(`evaluate takes options only, not "${parsed.words[0]}".`);
    const data = parsed.flags.get("data");
    if (data === undefined) throw new UsageError("evaluate needs --data.");
    const { network, config } = await openSettings(parsed, OWN_FLAGS);
    if (!network) throw new UsageError("evaluate needs the file of a network as --model.");
    const dataset = await openData(data, config);
    const policy = await openPolicy(parsed.flags.get("policy"));
    const { info } = await openNodeBackend(config.backend);
    const study = openStudy({ ...config, data: dataset.info.id, start: "pretrained" }, dataset, network);
    if (study.source.renewed !== null) {
      throw new UsageError(
        `the network has ${network.info.classes} outputs and the data ${dataset.info.classes.length} classes: its answers mean something else.`,
      );
    }
    const { accuracy, perplexity, logits } = await evaluateAsIs(study, policy);
    disposeStudy(study);
    const report = {
      model: network.info,
      data: dataset.info.name,
      examples: dataset.info.testCount,
      backend: info.label,
      policy: parsed.flags.get("policy") ?? null,
      accuracy,
      ...(perplexity !== null && { perplexity }),
      logits,
    };
    if (parsed.flags.has("json")) console.log(JSON.stringify(report, null, 2));
    else print(report);
    return 0;
  },
};

async function openPolicy(file: string | undefined): Promise<Policy | null> {
  if (file === undefined) return null;
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new UsageError(`--policy ${file}: ${error.message}`);
  });
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new UsageError(`--policy ${file}: ${parsed.message}`);
  return parsed.policy;
}

interface Report {
  readonly model: { readonly name: string; readonly format: string; readonly notes: readonly string[] };
  readonly data: string;
  readonly examples: number;
  readonly backend: string;
  readonly accuracy: number;
  readonly perplexity?: number;
  readonly logits: readonly (readonly number[])[];
}

function print({ model, data, examples, backend, accuracy, perplexity, logits }: Report): void {
  console.log(`${model.name} (${model.format}) on ${data}, ${backend}`);
  for (const note of model.notes) console.log(`  ${note}`);
  console.log(`accuracy ${(100 * accuracy).toFixed(2)} % of ${examples} test examples`);
  if (perplexity !== undefined) console.log(`perplexity ${perplexity.toFixed(3)}`);
  console.log("outputs of the first test examples:");
  for (const row of logits) console.log(`  ${row.map((value) => value.toFixed(5)).join("  ")}`);
}
