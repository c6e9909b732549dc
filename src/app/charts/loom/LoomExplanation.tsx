import { Formula } from "../frame/Formula";

/** What the loom is. */
export const LoomExplanation = () => (
  <>
    <p>
      Each row is a searched layer, in network order; time runs to the right. The upper half of a row shows its weights, the lower
      half its input activations. Colour is the bit-width; hatching is 0 bits. With EdMIPS it is the expected one, the candidates
      weighted with their probabilities:
    </p>
    <Formula>
      E[b<sub>l</sub>] = &Sigma;<sub>k</sub> p<sub>l,k</sub> b<sub>k</sub>, p<sub>l</sub> = softmax(&alpha;<sub>l</sub>)
    </Formula>
    <p>
      With FracBits it is the real-valued width itself, the mean over the kernels where each has its own. Vertical lines are moves
      of a knob. The numbers at the right are the bits now and the layer&rsquo;s share of the searched layers&rsquo; BitOps, MACs
      &times; weight bits &times; activation bits. Once a policy is derived, a column beside the rows holds its bits. First and
      last layer stay float unless they are searched, and are not shown then.
    </p>
    <p>
      In AutoQNN&rsquo;s scheme search schemes compete instead of bit-widths: the colour is the most probable scheme&rsquo;s,
      faint while all are alike, full once it is certain (AutoQNN: figures 6 and 8). In its precision learning it is the
      real-valued width again, and the column beside the rows shows the widths now, with the letters of the schemes, until they
      are decided. Where a run has both, the buttons at the right choose which one the charts show.
    </p>
    <p>
      Cai and Vasconcelos, EdMIPS, CVPR 2020: figure 4 shows the probabilities of single layers over the epochs; the loom shows
      all at once. Yang and Jin, FracBits, AAAI 2021: fractional bit-widths.
    </p>
  </>
);
