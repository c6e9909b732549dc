/** The newest weights of a study's network, for files. */
import * as tf from "@tensorflow/tfjs-core";
import { policyMismatch, type Policy } from "../../core/policy";
import type { ExportedNetwork, TrainTarget } from "../../core/protocol";
import { RunFailure } from "../failure";
import { disposeNetwork, type Network, type NetworkValues } from "../network";
import { choicesOf } from "../policies";
import { continueSearch } from "./search";
import { newNetwork, type Study } from "./study";

/** Keeps what a training ended with. A network that was trained for comparison never takes the place of the policy's. */
export async function keepTrained(study: Study, label: string, kind: TrainTarget["kind"], network: Network): Promise<void> {
  if (study.trained.newest?.kind === "policy" && kind !== "policy") return;
  study.trained.newest = { label, kind, values: await readValues(network) };
}

/**
 * Weights that were trained for a policy, or else those of the search, of another training, or of the file that the network is out of.
 * Throws a RunFailure with a sentence if there are none.
 */
export async function newestNetwork(study: Study, policy: Policy | null): Promise<ExportedNetwork> {
  const { source, search, trained } = study;
  const { graph } = source;
  const { newest } = trained;
  if (newest && (newest.kind === "policy" || !search)) return { graph, values: newest.values, from: newest.label };
  if (search) return { graph, values: await searchedValues(study, search.network, policy), from: search.stage.name };
  if (source.values.size === 0) {
    throw new RunFailure(
      "config",
      "This network has no weights yet: start a search first, or import a network with its weights.",
    );
  }
  return { graph, values: await valuesOfNew(study, () => undefined), from: "as imported" };
}

/** Each searched layer's weight is the one behind what the policy decided for it. */
function searchedValues(study: Study, searched: Network, policy: Policy | null): Promise<NetworkValues> {
  if (!policy || policyMismatch(policy, study.space.layers) !== null) return readValues(searched);
  return valuesOfNew(study, (network) => continueSearch(study, network, choicesOf(policy)));
}

async function valuesOfNew(study: Study, change: (network: Network) => void): Promise<NetworkValues> {
  const network = newNetwork(study);
  try {
    change(network);
    return await readValues(network);
  } finally {
    disposeNetwork(network);
  }
}

/** Copies of all variables as they are now: a step that follows may change them while they are being read. */
async function readValues(network: Network): Promise<NetworkValues> {
  const copies = [...network.trainable, ...network.running].map(([name, variable]) => [name, tf.clone(variable)] as const);
  try {
    const values = new Map<string, Float32Array>();
    for (const [name, copy] of copies) values.set(name, Float32Array.from(await copy.data<"float32">()));
    return values;
  } finally {
    tf.dispose(copies.map(([, copy]) => copy));
  }
}
