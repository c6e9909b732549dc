/** What the drawing shows, and what QAG does. */
export const NetworkExplanation = () => (
  <>
    <p>
      The network from left to right. A box is an operation together with the light ones that follow it, such as batch
      normalisation and ReLU; boxes with a strong edge are the expensive ones, which multiply: convolutions, dense layers, LSTMs.
      In the view <i>Network</i> an expensive box shows the bits of its weights above those of its input; colour is the bit-width,
      on the one scale of the page, grey is float, hatching is 0 bits. Where schemes compete it is the most probable scheme.
    </p>
    <p>
      <i>Quantized (QAG)</i> shows what AutoQNN&rsquo;s quantized architecture generation makes of it. It goes through the graph
      once and puts a quantizing vertex (a coloured pill) on each edge that leads into an expensive vertex: on the tensor that
      flows in, and on the weights (W). Everything else stays as it is; the first and the last layer, and excluded ones, stay
      float. Each vertex is visited and each edge looked at once, so it takes O(V + E) steps.
    </p>
    <p>
      A tensor that several layers read is quantized once and handed to all of them where <i>One quantizer for each</i> in
      Advanced says tensor, as in AutoQNN; where it says layer input, as EdMIPS and FracBits have it, each reader has a quantizer
      of its own. A layer that is applied more than once has one quantizer for its weight. The gates of an LSTM share the one of
      their input.
    </p>
    <p>
      The bits are those of the running search, and the policy&rsquo;s once it is derived. Press a box to select its layer in all
      charts. Gong et al., AutoQNN, 2022: algorithm 1 (QAG).
    </p>
  </>
);
