import { Formula } from "../frame/Formula";

/** What the quantizer lab's charts are. */
export const LabExplanation = () => (
  <>
    <p>
      A quantizer of b bits replaces every value x by one of at most 2<sup>b</sup> levels. The staircase shows which: dashed, what
      comes in; behind it, how the values lie. Levels spent where few values are, or values beyond the last level, are errors.
    </p>
    <p>The charts compare quantizers by the signal they keep over the noise they add, in decibels:</p>
    <Formula>
      SNR = 10 log<sub>10</sub> ( E[x<sup>2</sup>] / E[(x &minus; a Q(x))<sup>2</sup>] )
    </Formula>
    <p>
      with the factor a that makes it largest, because a batch normalisation behind the layer takes any: so quantizers whose
      output has a scale of its own, such as DoReFa&rsquo;s, compare with those that keep the values&rsquo;. Two that differ by a
      factor only stand once. DoReFa bends the values by a tanh first, which no further bit undoes. A further bit is worth 6 dB to
      a uniform distribution, and less to one with tails.
    </p>
    <p>
      Distributions are represented by 4096 quantiles, not by a random sample; a layer by as many ranks of its values. What a
      quantizer learns (PACT&rsquo;s clip) starts here as at the start of a search, at four root mean squares.
    </p>
    <p>Gong et al., AutoQNN, 2022: figures 1 and 2.</p>
  </>
);
