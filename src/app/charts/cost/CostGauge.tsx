import { memo, useMemo } from "react";
import { FLOAT_BITS, type CostTotals } from "../../../core/cost";
import { bits, bytes, compact, factor, NO_NUMBER, percent } from "../../format";
import { hasBudget, spent, type Budget } from "../../store/budget";
import { shownDescription, useRun } from "../../store/run";
import { useSelection } from "../../store/selection";
import { useSettings } from "../../store/settings";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { Formula } from "../frame/Formula";
import type { ChartTable } from "../frame/chart-table";
import { gaugePosition, gaugeState, timesSmaller, uniformTotals, withBitOps, type Gauged, type GaugeState } from "./gauge-state";
import { historyNow, useLiveHistory } from "../use-live-history";

/** Expected cost of the searched layers on a bar from 1/1 bits to float, and its exact numbers. */
export function CostGauge() {
  const described = useRun(shownDescription);
  // A method without a budget has nothing to do with the target: moving it draws nothing then.
  const target = useSettings(({ knobs }) => (described && hasBudget(described) ? knobs.target : NO_TARGET));
  const gauged = useMemo(() => described && { ...described, target }, [described, target]);
  return (
    <ChartFrame
      title="Cost"
      note={gauged && `of the ${gauged.space.searched.length} searched layers`}
      fileName="bitloom-cost"
      table={() =>
        gauged
          ? gaugeTable(gaugeState(historyNow(), gauged, useSelection.getState().hoverTime), gauged)
          : { columns: [], rows: [] }
      }
      explanation={<CostExplanation />}
    >
      {gauged ? <Gauge gauged={gauged} /> : <ChartEmpty>The cost of the network appears here once its data is ready.</ChartEmpty>}
    </ChartFrame>
  );
}

/** Stands for the target where there is none. */
const NO_TARGET = 0;

const Gauge = memo(function Gauge({ gauged }: { readonly gauged: Gauged }) {
  const live = useLiveHistory("loom");
  const time = useSelection((state) => state.hoverTime);
  const state = useMemo(() => gaugeState(live.history, gauged, time), [gauged, live, time]);
  return (
    <div className="gauge-body">
      <GaugeBar state={state} gauged={gauged} />
      <GaugeNumbers state={state} gauged={gauged} isPast={time !== null && state.begun} />
    </div>
  );
});

const TICKS = [2, 4, 8, FLOAT_BITS] as const;

function GaugeBar({ state, gauged }: { readonly state: GaugeState; readonly gauged: Gauged }) {
  const { space } = gauged;
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
      {state.begun && state.budget !== null && gauged.resource === "bitops" && (
        <div className="gauge-budget" style={place(withBitOps(state.now, state.budget))} />
      )}
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

/** How much of the budget is spent. */
const budgetRow = (budget: Budget, allowed: number): (typeof ROWS)[number] => ({
  label: "Of the target",
  value: (totals) => percent(spent(budget, totals) / allowed),
});

interface NumbersProps {
  readonly state: GaugeState;
  readonly gauged: Gauged;
  readonly isPast: boolean;
}

/** Both columns are always there: nothing moves when a policy comes. */
function GaugeNumbers({ state, gauged, isPast }: NumbersProps) {
  const before = gauged.resource === null ? "at the start" : "at the target";
  const heading = !state.begun ? before : isPast ? "at cursor" : "expected";
  const rows = hasBudget(gauged) ? [...ROWS, budgetRow(gauged, state.budget ?? NaN)] : ROWS;
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
        {rows.map(({ label, value }) => (
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
      search the bits are expected ones; before it those of equal probabilities, or for a search to a budget those that the target
      stands for. Layers outside the search are not counted.
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
    <p>
      A budget is the resource (BitOps, bytes of the weights, average bits) of the network with the target&rsquo;s bits wherever
      the candidates allow them. FracBits rounds its widths so that the policy spends it to within 1 %; the &lambda; that follows
      a target in EdMIPS steers the expected cost.
    </p>
    <p>
      Cai and Vasconcelos, EdMIPS, CVPR 2020: equations 15 to 18, table 2. Yang and Jin, FracBits, AAAI 2021: equations 5 and 6.
    </p>
  </>
);

function gaugeTable(state: GaugeState, { space }: Gauged): ChartTable {
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
      row(state.begun ? "expected" : "before the search", state.now),
      ...(state.decided ? [row("decided", state.decided)] : []),
      ...TICKS.map((width) => row(`uniform ${width}/${width}`, uniformTotals(space, width))),
    ],
  };
}
