import { memo, useMemo } from "react";
import { FLOAT_BITS, type CostTotals } from "../../../core/cost";
import type { SearchSpace } from "../../../core/search";
import { bits, bytes, compact, factor, NO_NUMBER } from "../../format";
import { useSelection } from "../../store/selection";
import { useSpace } from "../../store/run";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { Formula } from "../frame/Formula";
import type { ChartTable } from "../frame/chart-table";
import { gaugePosition, gaugeState, timesSmaller, uniformTotals, type GaugeState } from "./gauge-state";
import { historyNow, useLiveHistory } from "../use-live-history";

/** Expected cost of the searched layers on a bar from 1/1 bits to float, and its exact numbers. */
export function CostGauge() {
  const space = useSpace();
  return (
    <ChartFrame
      title="Cost"
      note={space && `of the ${space.searched.length} searched layers`}
      fileName="bitloom-cost"
      table={() =>
        space ? gaugeTable(gaugeState(historyNow(), space, useSelection.getState().hoverTime), space) : { columns: [], rows: [] }
      }
      explanation={<CostExplanation />}
    >
      {space ? <Gauge space={space} /> : <ChartEmpty>The cost of the network appears here once its data is ready.</ChartEmpty>}
    </ChartFrame>
  );
}

const Gauge = memo(function Gauge({ space }: { readonly space: SearchSpace }) {
  const live = useLiveHistory("loom");
  const time = useSelection((state) => state.hoverTime);
  const state = useMemo(() => gaugeState(live.history, space, time), [space, live, time]);
  return (
    <div className="gauge-body">
      <GaugeBar state={state} space={space} />
      <GaugeNumbers state={state} isPast={time !== null && state.begun} />
    </div>
  );
});

const TICKS = [2, 4, 8, FLOAT_BITS] as const;

function GaugeBar({ state, space }: { readonly state: GaugeState; readonly space: SearchSpace }) {
  const place = (totals: CostTotals): { readonly left: string } => ({ left: `${(gaugePosition(totals) * 100).toFixed(2)}%` });
  return (
    <div className="gauge-bar" aria-hidden="true">
      <div className="gauge-track" />
      <div className="gauge-fill" style={{ width: place(state.now).left }} />
      {TICKS.map((width) => {
        const totals = uniformTotals(space, width);
        return (
          <div key={width} className="gauge-tick" style={place(totals)} title={compact(totals.bitOps, "BitOps")}>
            <span>{width === FLOAT_BITS ? "float" : `${width}/${width}`}</span>
          </div>
        );
      })}
      {state.decided && <div className="gauge-decided" style={place(state.decided)} />}
      <div className="gauge-now" style={place(state.now)} />
    </div>
  );
}

const ROWS: readonly { readonly label: string; readonly value: (totals: CostTotals) => string }[] = [
  { label: "BitOps", value: ({ bitOps }) => compact(bitOps) },
  { label: "Smaller than float", value: (totals) => factor(timesSmaller(totals)) },
  { label: "Average bits", value: ({ averageBits }) => bits(averageBits) },
  {
    label: "Bits w / a",
    value: ({ averageWeightBits, averageActivationBits }) => `${bits(averageWeightBits)} / ${bits(averageActivationBits)}`,
  },
  { label: "Weight memory", value: ({ weightBytes }) => bytes(weightBytes) },
];

/** Both columns are always there: nothing moves when a policy comes. */
function GaugeNumbers({ state, isPast }: { readonly state: GaugeState; readonly isPast: boolean }) {
  const heading = !state.begun ? "at the start" : isPast ? "at cursor" : "expected";
  return (
    <table className="gauge-numbers">
      <thead>
        <tr>
          <td />
          <th scope="col">
            <span className="marker-now" />
            {heading}
          </th>
          <th scope="col">
            <span className="marker-decided" />
            decided
          </th>
        </tr>
      </thead>
      <tbody>
        {ROWS.map(({ label, value }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>{value(state.now)}</td>
            <td>{state.decided ? value(state.decided) : NO_NUMBER}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const CostExplanation = () => (
  <>
    <p>
      Bit operations of the searched layers for one sample: what a multiply-accumulate costs grows with both bit-widths. During a
      search the bits are expected ones, and before it those of equal probabilities. Layers outside the search are not counted.
    </p>
    <Formula>
      BitOps = &Sigma;<sub>l</sub> MACs<sub>l</sub> &times; b<sup>w</sup>
      <sub>l</sub> &times; b<sup>a</sup>
      <sub>l</sub>
    </Formula>
    <p>
      The bar is logarithmic, from 1 bit for weights and activations to float (32/32); ticks are networks with the same bits in
      all searched layers. Average bits is EdMIPS&rsquo;s figure: the uniform network of that many bits would cost the same. Bits
      of weights are averaged over the weights, those of activations over the elements of the layers&rsquo; inputs.
    </p>
    <Formula>average bits = &radic;(BitOps / MACs)</Formula>
    <p>Cai and Vasconcelos, EdMIPS, CVPR 2020: equations 15 to 18, table 2.</p>
  </>
);

function gaugeTable(state: GaugeState, space: SearchSpace): ChartTable {
  const row = (name: string, totals: CostTotals) => [
    name,
    totals.bitOps,
    totals.averageBits,
    totals.averageWeightBits,
    totals.averageActivationBits,
    totals.weightBytes,
  ];
  return {
    columns: ["of", "BitOps", "average bits", "average weight bits", "average activation bits", "weight bytes"],
    rows: [
      row(state.begun ? "expected" : "at the start", state.now),
      ...(state.decided ? [row("decided", state.decided)] : []),
      ...TICKS.map((width) => row(`uniform ${width}/${width}`, uniformTotals(space, width))),
    ],
  };
}
