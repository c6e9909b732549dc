import { Formula } from "../frame/Formula";

/** What the chosen layer's charts are. */
export const ChosenLayerExplanation = () => (
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
      The histograms show the tensor&rsquo;s values now (activations: on the sample images). Below them, one row a candidate,
      stand the levels that its quantizer allows: few levels far apart for few bits.
    </p>
    <p>Cai and Vasconcelos, EdMIPS, CVPR 2020: figure 4.</p>
  </>
);
