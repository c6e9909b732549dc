import { memo, useMemo, useRef } from "react";
import type { LabQuantizer, LabView } from "../../../core/views";
import { knob } from "../../format";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { useSize, type Size } from "../frame/use-size";
import { linearTicks } from "../ticks";
import { LabExplanation } from "./LabExplanation";

export interface StaircaseProps {
  readonly view: LabView | null;
  readonly quantizer: LabQuantizer | null;
  readonly bits: number;
}

/** Which value becomes which level, over the values' own distribution. */
export const StaircaseChart = memo(function StaircaseChart({ view, quantizer, bits }: StaircaseProps) {
  return (
    <ChartFrame
      title="Staircase"
      note={quantizer ? `${levelsOf(quantizer)} of ${bitsText(bits)}, ${quantizer.label}` : "value to level"}
      fileName="bitloom-staircase"
      table={() => ({
        columns: ["from value", "level"],
        rows: quantizer?.stairs.map(({ from, value }) => [from, value]) ?? [],
      })}
      explanation={<LabExplanation />}
    >
      {view && quantizer && quantizer.stairs.length > 0 ? (
        <Sized view={view} quantizer={quantizer} />
      ) : (
        <ChartEmpty>
          {quantizer
            ? `${quantizer.label} has no ${bitsText(bits)}: move the slider, or choose another quantizer.`
            : "Choose values and a quantizer at the left: which value becomes which level appears here."}
        </ChartEmpty>
      )}
    </ChartFrame>
  );
});

const bitsText = (bits: number): string => (bits === 1 ? "1 bit" : `${bits} bits`);

const levelsOf = ({ stairs }: LabQuantizer): string => {
  const count = new Set(stairs.map(({ value }) => value)).size;
  return count === 1 ? "1 level" : `${count} levels`;
};

interface PlotProps {
  readonly view: LabView;
  readonly quantizer: LabQuantizer;
}

function Sized(props: PlotProps) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  return (
    <div className="lab-plot" ref={element}>
      {size && size.width > LEFT + RIGHT && size.height > TOP + AXIS && <Drawing {...props} size={size} />}
    </div>
  );
}

const LEFT = 34;
const RIGHT = 8;
const TOP = 6;
const AXIS = 18;
const TICK_GAP = 48;
const LINE_HEIGHT = 18;

function Drawing({ view, quantizer, size: { width, height } }: PlotProps & { readonly size: Size }) {
  const { min, max, counts } = view;
  const { stairs } = quantizer;
  const levels = stairs.map(({ value }) => value);
  const [low, high] = [Math.min(min, ...levels), Math.max(max, ...levels)];
  const [right, bottom] = [width - RIGHT, height - AXIS];
  const toX = (value: number): number => LEFT + ((value - min) / (max - min || 1)) * (right - LEFT);
  const toY = (value: number): number => bottom - ((value - low) / (high - low || 1)) * (bottom - TOP);
  const bars = useMemo(() => outline(counts), [counts]);
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={`${quantizer.label}: values from ${knob(min)} to ${knob(max)} become ${levelsOf(quantizer)} from ${knob(Math.min(...levels))} to ${knob(Math.max(...levels))}`}
    >
      <path className="lab-values" d={bars} transform={`translate(${LEFT} ${bottom}) scale(${right - LEFT} ${bottom - TOP})`} />
      {linearTicks(low, high, Math.max(2, Math.floor((bottom - TOP) / LINE_HEIGHT))).map((tick) => (
        <g key={tick}>
          <path className="chart-grid" d={`M${LEFT} ${toY(tick)}H${right}`} />
          <text className="chart-label" x={LEFT - 5} y={toY(tick)} dy="0.35em" textAnchor="end">
            {tick}
          </text>
        </g>
      ))}
      <path className="lab-identity" d={`M${toX(min)} ${toY(min)}L${toX(max)} ${toY(max)}`} />
      <path
        className="lab-stairs"
        d={`${stairs.map(({ from, value }, i) => `${i === 0 ? "M" : "H"}${toX(from).toFixed(1)}${i === 0 ? " " : "V"}${toY(value).toFixed(1)}`).join("")}H${right}`}
      />
      <path className="chart-axis" d={`M${LEFT} ${bottom + 0.5}H${right}`} />
      {linearTicks(min, max, Math.max(2, Math.floor((right - LEFT) / TICK_GAP))).map((tick) => (
        <text key={tick} className="chart-label" x={toX(tick)} y={height - 4} textAnchor="middle">
          {tick}
        </text>
      ))}
    </svg>
  );
}

/** The histogram in a unit square, from its bottom left corner up. */
function outline(counts: Uint32Array): string {
  const most = counts.reduce((max, value) => Math.max(max, value), 1);
  return `M0 0${Array.from(counts, (value, i) => `V${-value / most}H${(i + 1) / counts.length}`).join("")}V0Z`;
}
