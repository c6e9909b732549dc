import { memo, useRef } from "react";
import { CartesianGrid, Line, LineChart, ReferenceLine, XAxis } from "recharts";
import type { LabQuantizer } from "../../../core/views";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { useSize } from "../frame/use-size";
import { PLOT_EDGES } from "../progress/TimePlot";
import { plotProps, TICK_STYLE, valueAxis } from "../progress/plot-axes";
import { rangeTicks } from "../ticks";
import { LabExplanation } from "./LabExplanation";

export interface QualityProps {
  readonly quantizers: readonly LabQuantizer[];
  /** Id of the emphasised one. */
  readonly chosen: string | null;
  readonly bits: number;
}

/** What each bit is worth: signal to noise of every quantizer at 1 to 8 bits. */
export const QualityChart = memo(function QualityChart(props: QualityProps) {
  const { quantizers } = props;
  return (
    <ChartFrame
      title="Signal to noise"
      note="dB at 1 to 8 bits, of all; the chosen one thick"
      fileName="bitloom-quantizers"
      table={() => ({
        columns: ["quantizer", ...BITS.map((bits) => `${bits} bits (dB)`)],
        rows: quantizers.map(({ label, quality }) => [label, ...quality]),
      })}
      explanation={<LabExplanation />}
    >
      {quantizers.length > 0 ? (
        <Plot {...props} />
      ) : (
        <ChartEmpty>The error of every quantizer, bit by bit, appears here.</ChartEmpty>
      )}
    </ChartFrame>
  );
});

const BITS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

function Plot({ quantizers, chosen, bits }: QualityProps) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  const known = quantizers.flatMap(({ quality }) => quality.filter((value) => value !== null));
  // The chosen line is drawn last, above the others.
  const ordered = [...quantizers.filter(({ id }) => id !== chosen), ...quantizers.filter(({ id }) => id === chosen)];
  const data = BITS.map((width, i) => ({ width, ...Object.fromEntries(quantizers.map(({ id, quality }) => [id, quality[i]])) }));
  return (
    <div className="lab-plot" ref={element}>
      {size && size.width > 0 && size.height > PLOT_EDGES.top + PLOT_EDGES.bottom && (
        <LineChart {...plotProps(size)} data={data}>
          <CartesianGrid vertical={false} stroke="var(--border)" />
          <XAxis
            dataKey="width"
            type="number"
            domain={[0.75, 8.25]}
            ticks={[...BITS]}
            interval={0}
            height={PLOT_EDGES.bottom}
            {...TICK_STYLE}
          />
          {valueAxis(rangeTicks(0, Math.max(...known), 5), String, size)}
          <ReferenceLine x={bits} stroke="var(--accent)" strokeDasharray="2 2" />
          {ordered.map(({ id }) => (
            <Line
              key={id}
              dataKey={id}
              stroke={id === chosen ? "var(--accent)" : "var(--text-2)"}
              strokeWidth={id === chosen ? 2.25 : 1}
              strokeOpacity={id === chosen ? 1 : 0.7}
              dot={
                id === chosen
                  ? { r: 2.5, strokeWidth: 0, fill: "var(--accent)" }
                  : { r: 1.5, strokeWidth: 0, fill: "var(--text-2)" }
              }
              activeDot={false}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      )}
    </div>
  );
}
