/** AutoQNN (Gong et al., 2022) as a whole: the scheme search (QSS), then the precision learning (QPL) with the schemes it found. */
import type { OptionSpec } from "../../core/catalog";
import { FLOAT_BITS } from "../../core/cost";
import { siteId, siteParts, type Candidate, type Choice } from "../../core/search";
import { findScheme, SCHEMES } from "../quantizers/schemes";
import { autoqnn } from "./autoqnn";
import { autoqnnQpl, PRECISION_LEARNING, widthsOfScheme } from "./autoqnn-qpl";
import { optionValue, type Method } from "./method";

const AFTER_QSS: OptionSpec = {
  id: "between",
  label: "After QSS",
  help: "Go on with QPL at once, or end the run there: schemes can then be edited in the layer table, and QPL goes on from them.",
  values: [
    { id: "go", label: "go on with QPL" },
    { id: "edit", label: "stop, to edit the schemes" },
  ],
  initial: "go",
};

const WAITS = "The run ends before QPL, as asked for: edit the schemes in the layer table, then learn their bit-widths.";

export const autoqnnPipeline: Method = {
  ...autoqnn,
  id: "autoqnn-pipeline",
  label: "AutoQNN QSS, QPL",
  summary:
    "Gong et al., 2022, in one run: a scheme search for every tensor, then precision learning from its weights, with the schemes it found.",
  knobs: autoqnnQpl.knobs,
  options: [...autoqnn.options, AFTER_QSS],
  sampling: false,
  defaults: { ...autoqnnQpl.defaults, ...autoqnn.defaults },
  training: autoqnnQpl.training,
  stages: (options) => [
    ...autoqnn
      .stages(options)
      .map((stage) => (optionValue(autoqnnPipeline, options, AFTER_QSS.id) === "edit" ? { ...stage, waits: WAITS } : stage)),
    {
      ...PRECISION_LEARNING,
      architectureSchedule: (factor) => WIDTH_RATE * factor,
      site: ({ weightBits, activationBits }, found) => {
        const bits = { weight: weightBits, activation: activationBits };
        const choices = new Map(found.map((choice) => [choice.site, choice]));
        return (role, { name }) => {
          const site = siteId(name, role);
          const candidates = learnable(choices.get(site) ?? { site, bits: FLOAT_BITS, scheme: "float" }, bits[role]);
          return { candidates, kernels: 1, pinned: candidates.length === 1 };
        };
      },
    },
  ],
};

/** Widths move ten times slower than the parameters of schemes. */
const WIDTH_RATE = 0.1;

/**
 * The widths of a found scheme; the found one where it has no others, as Binary, Ternary and Quaternary. A RangeError with a sentence for
 * what is no scheme, which only a policy from elsewhere has.
 */
function learnable({ site, scheme, bits }: Choice, wanted: readonly number[]): readonly Candidate[] {
  if (!SCHEMES.some(({ id }) => id === scheme)) {
    const { layer, role } = siteParts(site);
    throw new RangeError(
      `Layer "${layer}": the policy quantizes its ${role} with "${scheme}", which is none of AutoQNN's schemes, so QPL has no widths to learn.`,
    );
  }
  const candidates = widthsOfScheme(scheme, wanted);
  return candidates.length > 0 ? candidates : [{ scheme, bits: typeof bits === "number" ? bits : findScheme(scheme).minBits }];
}
