/** AutoQNN (Gong et al., 2022) as a whole: the scheme search (QSS), then the precision learning (QPL) with the schemes it found. */
import type { Candidate, Choice } from "../../core/search";
import { siteId } from "../../core/search";
import { findScheme } from "../quantizers/schemes";
import { autoqnn } from "./autoqnn";
import { autoqnnQpl, PRECISION_LEARNING, widthsOfScheme } from "./autoqnn-qpl";
import type { Method } from "./method";

export const autoqnnPipeline: Method = {
  ...autoqnn,
  id: "autoqnn-pipeline",
  label: "AutoQNN QSS, QPL",
  summary:
    "Gong et al., 2022, in one run: a scheme search for every tensor, then precision learning from its weights, with the schemes it found.",
  knobs: autoqnnQpl.knobs,
  sampling: false,
  defaults: { ...autoqnnQpl.defaults, ...autoqnn.defaults },
  training: autoqnnQpl.training,
  stages: (options) => [
    ...autoqnn.stages(options),
    {
      ...PRECISION_LEARNING,
      architectureSchedule: (factor) => WIDTH_RATE * factor,
      site: ({ weightBits, activationBits }, found) => {
        const bits = { weight: weightBits, activation: activationBits };
        const choices = new Map(found.map((choice) => [choice.site, choice]));
        return (role, { name }) => {
          const candidates = learnable(choices.get(siteId(name, role)) as Choice, bits[role]);
          return { candidates, kernels: 1, pinned: candidates.length === 1 };
        };
      },
    },
  ],
};

/** Widths move ten times slower than the parameters of schemes. */
const WIDTH_RATE = 0.1;

/** The widths of a found scheme; the found one where it has no others, as Binary, Ternary and Quaternary. */
function learnable({ scheme, bits }: Choice, wanted: readonly number[]): readonly Candidate[] {
  const candidates = widthsOfScheme(scheme, wanted);
  const { minBits } = findScheme(scheme);
  return candidates.length > 0 ? candidates : [{ scheme, bits: typeof bits === "number" ? bits : minBits }];
}
