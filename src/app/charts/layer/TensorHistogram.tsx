import { memo, useMemo, useRef, useState } from "react";
import type { TensorView } from "../../../core/views";
import { competingSchemes, type Role } from "../../../core/search";
import { count, knob } from "../../format";
import { ChartEmpty } from "../frame/ChartEmpty";
import { SKIP_EXPORT } from "../frame/export-picture";
import { useSize, type Size } from "../frame/use-size";
import { candidateLooks, useSchemes } from "../candidate-looks";
import { linearTicks } from "../ticks";

interface Props {
  readonly view: TensorView | null;
  readonly role: Role;
}

const TITLES: { readonly [R in Role]: string } = { weight: "weight values", activation: "input values" };

/** How a tensor's values lie, over the levels that each candidate has for them. */
export const TensorHistogram = memo(function TensorHistogram({ view, role }: Props) {
  return view && view.counts.length > 0 ? (
    <SizedHistogram view={view} role={role} />
  ) : (
    <ChartEmpty>{`Then here: ${TITLES[role]} over the levels that the candidates allow.`}</ChartEmpty>
  );
});

interface HistogramProps extends Props {
  readonly view: TensorView;
}

function SizedHistogram({ view, role }: HistogramProps) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  return (
    <div className="histogram" ref={element}>
      {size && size.width > 0 && size.height > 0 && <Bars {...{ view, role, size }} />}
    </div>
  );
}

const AXIS = 20;
const HEAD = 16;
const LEFT = 26;
const RIGHT = 8;
/** Height of a candidate's row of levels; less where the chart is low. */
const LANE = 14;
const TICK_GAP = 36;

function Bars({ view, role, size: { width, height } }: HistogramProps & { readonly size: Size }) {
  const { min, max, counts, levels } = view;
  const [pointed, setPointed] = useState<number | null>(null);
  const looks = candidateLooks(levels, useSchemes());
  const inner = width - LEFT - RIGHT;
  const lane = Math.min(LANE, Math.max(3, (height - AXIS - HEAD) / (levels.length * 2 || 1)));
  const base = Math.max(HEAD + 4, height - AXIS - levels.length * lane);
  const toX = (value: number): number => LEFT + ((value - min) / (max - min || 1)) * inner;
  const outline = useMemo(() => bars(counts, inner, base - HEAD), [counts, inner, base]);
  const bin = pointed === null ? null : (counts[pointed] ?? null);
  const total = useMemo(() => counts.reduce((sum, value) => sum + value, 0), [counts]);
  const edge = (i: number): string => knob(min + ((max - min) * i) / counts.length);
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={`${count(total)} ${TITLES[role]} from ${knob(min)} to ${knob(max)}; levels of ${looks.map(({ name }) => name).join(", ")}`}
      onPointerMove={({ clientX, currentTarget }) => {
        const share = (clientX - currentTarget.getBoundingClientRect().left - LEFT) / inner;
        setPointed(share >= 0 && share < 1 ? Math.floor(share * counts.length) : null);
      }}
      onPointerLeave={() => setPointed(null)}
    >
      <text className="chart-label" x={LEFT} y={11}>
        {bin === null || pointed === null ? "values now" : `${edge(pointed)} to ${edge(pointed + 1)}: ${count(bin)}`}
      </text>
      <path d={outline} transform={`translate(${LEFT} ${base})`} className="histogram-bars" />
      {pointed !== null && (
        <rect
          {...SKIP_EXPORT}
          className="histogram-pointed"
          x={LEFT + (pointed * inner) / counts.length}
          y={HEAD}
          width={Math.max(1, inner / counts.length)}
          height={base - HEAD}
        />
      )}
      {levels.map(({ values }, i) => {
        const top = base + i * lane;
        const look = looks[i];
        return (
          <g key={look?.key}>
            {lane >= 10 && (
              <text className="chart-label" x={LEFT - 6} y={top + lane / 2} dy="0.35em" textAnchor="end">
                {look?.short}
              </text>
            )}
            <rect x={LEFT} y={top} width={inner} height={lane - 1} className="histogram-lane" />
            <path
              d={values.map((value) => `M${toX(value).toFixed(1)} ${top}v${lane - 1}`).join("")}
              style={{ stroke: look?.colour }}
              strokeWidth={levelWidth(values.map(toX))}
            />
          </g>
        );
      })}
      <path className="chart-axis" d={`M${LEFT} ${height - AXIS + 0.5}h${inner}`} />
      {linearTicks(min, max, Math.max(2, Math.floor(inner / TICK_GAP))).map((tick) => (
        <text key={tick} className="chart-label" x={toX(tick)} y={height - 5} textAnchor="middle">
          {tick}
        </text>
      ))}
      {!competingSchemes(levels) && (
        <text className="chart-label" x={0} y={base - 3}>
          bits
        </text>
      )}
    </svg>
  );
}

/** Levels are drawn as wide as they can be told apart, at most 3 pixels. */
function levelWidth(places: readonly number[]): number {
  const gaps = places.slice(1).map((place, i) => Math.abs(place - (places[i] ?? place)));
  return Math.min(3, Math.max(0.5, Math.min(...gaps) * 0.5));
}

/** The bars as one path, from the base line up. */
function bars(counts: Uint32Array, width: number, height: number): string {
  const most = counts.reduce((max, value) => Math.max(max, value), 1);
  const step = width / counts.length;
  const points = Array.from(counts, (value, i) => `V${((-value / most) * height).toFixed(1)}H${((i + 1) * step).toFixed(1)}`);
  return `M0 0${points.join("")}V0Z`;
}
