import type { ReactNode } from "react";
import { Formula } from "../frame/Formula";
import type { MeterGroup } from "./meter-series";

/** What a group's lines are: the sentences of their descriptions, and the formula behind them. */
export const MeterExplanation = ({ group }: { readonly group: MeterGroup }) => (
  <>
    {group.meters.map(({ spec }) => (
      <p key={spec.id}>
        <b>{[spec.label, spec.unit && `(${spec.unit})`].filter(Boolean).join(" ")}</b>: {spec.help}
        {spec.per === "layer" && " One line a layer; the thick one is the chosen layer's."}
      </p>
    ))}
    {MORE[group.id]}
    <p>Vertical lines are moves of a knob.</p>
  </>
);

const MORE: Readonly<Record<string, ReactNode>> = {
  budget: (
    <>
      <Formula>
        R = &Sigma;<sub>l</sub> MACs<sub>l</sub> &times; &lambda;<sup>w</sup>
        <sub>l</sub> &times; &lambda;<sup>a</sup>
        <sub>l</sub>
      </Formula>
      <p>
        That is the resource for BitOps; a model size adds |W| &lambda;<sup>w</sup> / 8 bytes of each layer, average bits weigh
        both widths with the numbers of elements. At whole widths it is what the network costs; between them it goes straight, so
        that the budget pulls on every width. The budget is the same sum at the target&rsquo;s bits wherever the candidates allow
        them. Yang and Jin, FracBits, AAAI 2021: equations 5 and 6.
      </p>
    </>
  ),
  clip: (
    <>
      <Formula>
        y = &alpha; q<sub>&lambda;</sub>(clip(x, 0, &alpha;) / &alpha;)
      </Formula>
      <p>
        A smaller clip &alpha; gives finer levels and cuts more of the largest values off; it is trained with the weights. PACT,
        Choi et al., 2018, as FracBits uses it.
      </p>
    </>
  ),
  lambda: (
    <>
      <Formula>log &lambda; = i + a d, i &larr; i + b d, d = log(expected BitOps / budget)</Formula>
      <p>
        EdMIPS has no target of its own: a controller with a proportional part (a) and an integral one (b) moves &lambda; after
        every step until the expected BitOps meet the budget.
      </p>
    </>
  ),
};
