import { Formula } from "../frame/Formula";
import type { SiteKind } from "./SitePanel";

interface Props {
  readonly kind: SiteKind;
  readonly isKernelWise: boolean;
}

/** What the chosen layer's charts are. */
export const ChosenLayerExplanation = ({ kind, isKernelWise }: Props) => (
  <>
    {kind === "candidates" ? <Candidates /> : <Widths />}
    {isKernelWise && <Kernels />}
    <p>
      The histograms of values show the tensor now (activations: on the sample images). Below them stand the levels that a
      quantizer of those bits allows: few levels far apart for few bits.
    </p>
    <p>
      {kind === "candidates"
        ? "Cai and Vasconcelos, EdMIPS, CVPR 2020: figure 4. Gong et al., AutoQNN, 2022: figures 6 and 8."
        : "Yang and Jin, FracBits, AAAI 2021: fractional bit-widths, per layer and per kernel."}
    </p>
  </>
);

const Candidates = () => (
  <>
    <p>
      A searched layer computes with a mixture of its candidates. The bands are the mixture&rsquo;s weights, one for the
      layer&rsquo;s weight tensor and one for its input activations; a band that takes the whole height is a decision.
    </p>
    <Formula>
      W&#770; = &Sigma;<sub>k</sub> p<sub>k</sub> Q
      <sub>
        b<sub>k</sub>
      </sub>
      (W), p = softmax(&alpha;)
    </Formula>
    <Formula>
      x&#770; = &Sigma;<sub>j</sub> q<sub>j</sub> A
      <sub>
        b<sub>j</sub>
      </sub>
      (x), q = softmax(&beta;)
    </Formula>
    <p>
      With AutoQNN the candidates are schemes at one width, and p is drawn anew in every step with Gumbel noise g; the temperature
      &tau; falls, so that mixtures of all schemes become choices of one. The bands are the probabilities softmax(&theta;):
    </p>
    <Formula>p = softmax((log softmax(&theta;) + g) / &tau;), g = &minus;log(&minus;log u)</Formula>
  </>
);

const Widths = () => (
  <>
    <p>
      A searched tensor has a bit-width &lambda; that is a real number. It computes with the two whole widths around it, each as
      much as &lambda; is near to it; the gradient reaches &lambda; through these two shares. The line is &lambda; over time, the
      grid are the whole widths, the point at the end is what the policy rounded it to.
    </p>
    <Formula>
      Q<sub>&lambda;</sub>(x) = (&lambda; &minus; &lfloor;&lambda;&rfloor;) Q<sub>&lceil;&lambda;&rceil;</sub>(x) + (1 +
      &lfloor;&lambda;&rfloor; &minus; &lambda;) Q<sub>&lfloor;&lambda;&rfloor;</sub>(x)
    </Formula>
  </>
);

const Kernels = () => (
  <p>
    Here each kernel has a &lambda; of its own: each output channel of the weights, or each input channel of the activations. The
    bands are the shares of the kernels at each width over time (Mean draws their mean instead), the bars how many kernels are
    nearest to each width now, and the strip every kernel in channel order in the colour of its bits. A kernel of 0 bits is
    pruned: hatched, and free of cost.
  </p>
);
