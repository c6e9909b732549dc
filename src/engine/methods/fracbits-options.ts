/** FracBits's variants as data. */
import type { Resource } from "../../core/budget";
import type { MeterSpec, OptionSpec } from "../../core/catalog";
import { RESOURCES } from "../../core/budget";
import { familyOption } from "../quantizers/families";

const pick = (
  id: string,
  label: string,
  help: string,
  values: readonly (readonly [id: string, label: string])[],
): OptionSpec => ({
  id,
  label,
  help,
  values: values.map(([value, text]) => ({ id: value, label: text })),
  initial: (values[0] as readonly [string, string])[0],
});

export const RESOURCE = pick(
  "resource",
  "Budget",
  "What the target counts: bit operations of one sample, bytes of the weights, or average bits.",
  [
    ["bitops", "BitOps"],
    ["size", "Model size"],
    ["average", "Average bits"],
  ],
);

export const WEIGHTS = pick(
  "kernels",
  "Weight widths",
  "One bit-width for each layer, or one for each kernel (output channel), which 0 bits prune: FracBits-K.",
  [
    ["layer", "per layer"],
    ["kernel", "per kernel"],
  ],
);

export const ACTIVATIONS = pick(
  "channels",
  "Activation widths",
  "One bit-width for each layer's input, or one for each of its channels.",
  [
    ["layer", "per layer"],
    ["channel", "per channel"],
  ],
);

export const QUANTIZE = pick("quantize", "Quantize", "Weights and activations, or weights alone with float activations.", [
  ["both", "weights and activations"],
  ["weights", "weights only"],
]);

export const QUANTIZERS: OptionSpec = {
  ...familyOption("DoReFa, PACT"),
  help: "Those of the paper, or one of AutoQNN's uniform schemes for weights and activations alike: 2 to 8 bits, one width for each layer. Rescaling, levels and ranges below are the paper's own.",
};

export const RESCALE = pick(
  "rescale",
  "SAT rescaling",
  "Gives quantized weights a sane variance: in dense layers, which no batch norm follows, or in all layers (FracBits-SAT).",
  [
    ["linear", "dense layers"],
    ["all", "all layers"],
    ["none", "off"],
  ],
);

export const RESCALE_TO = pick("rescaleTo", "Rescale to", "The variance of 1 / fan-out, or that of the float weight.", [
  ["constant", "1 / fan-out"],
  ["stddev", "the float weight's"],
]);

export const WEIGHT_UNIT = pick(
  "wunit",
  "Weight levels",
  "Modified: multiples of a power of two, by rounding down. Original: DoReFa's levels from end to end.",
  [
    ["modified", "modified"],
    ["original", "original"],
  ],
);

export const ACTIVATION_UNIT = pick(
  "aunit",
  "Activation levels",
  "Original: levels from zero to the clip. Modified: multiples of a power of two of it, by rounding down.",
  [
    ["original", "original"],
    ["modified", "modified"],
  ],
);

export const SIDES = pick(
  "sides",
  "Activation range",
  "From zero to the clip, or from minus the clip to the clip; automatic where no ReLU keeps an input from being negative.",
  [
    ["auto", "automatic"],
    ["one", "one-sided"],
    ["two", "two-sided"],
  ],
);

export const INTERPOLATION = pick(
  "interpolation",
  "Between two widths",
  "Linear: the mean of both neighbours by their nearness. Gumbel: one of them, drawn in each step with that probability.",
  [
    ["linear", "interpolate"],
    ["gumbel", "draw (Gumbel)"],
  ],
);

/** Resource and budget over time in the resource's unit, and the clips. */
export function metersOf(resource: Resource, clips: boolean): readonly MeterSpec[] {
  const { label, unit } = RESOURCES[resource];
  const network = { unit, per: "network", scale: "linear", group: "budget" } as const;
  return [
    { ...network, id: "resource", label, help: `${label} of the searched layers at the learned bit-widths.` },
    { ...network, id: "budget", label: "budget", help: "What the target allows." },
    ...(clips
      ? [
          {
            id: "clip",
            label: "PACT clip",
            unit: "",
            help: "Where the activation quantizer of each layer clips; learned with the weights.",
            per: "layer",
            scale: "linear",
            group: "clip",
          } as const,
        ]
      : []),
  ];
}
