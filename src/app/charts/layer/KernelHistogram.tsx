import { memo, useId, useRef } from "react";
import { percent } from "../../format";
import { ChartEmpty } from "../frame/ChartEmpty";
import { useSize, type Size } from "../frame/use-size";
import { Hatching } from "../Hatching";
import { bitColor } from "../theme";
import { countKernels, type Kernels } from "./kernels";

interface Props {
  readonly kernels: Kernels;
  /** The widths that kernels may have. */
  readonly widths: readonly number[];
}

/** Which share of the kernels stands at each whole width. */
export const KernelHistogram = memo(function KernelHistogram(props: Props) {
  return props.kernels.bits.length > 0 ? (
    <SizedHistogram {...props} />
  ) : (
    <ChartEmpty>Then here: how many kernels have how many bits.</ChartEmpty>
  );
});

function SizedHistogram({ kernels, widths }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  return (
    <div className="histogram" ref={element}>
      {size && size.width > 0 && size.height > HEAD + AXIS && <Bars {...{ kernels, widths, size }} />}
    </div>
  );
}

const AXIS = 20;
const HEAD = 30;
const LEFT = 8;
/** Wide enough for "100 %". */
const SHARE_WIDTH = 30;

function Bars({ kernels: { bits, of }, widths, size: { width, height } }: Props & { readonly size: Size }) {
  const hatching = useId();
  const counts = countKernels(bits, widths);
  const most = Math.max(...counts);
  const step = (width - 2 * LEFT) / widths.length;
  const base = height - AXIS;
  return (
    <svg width={width} height={height} role="img" aria-label={describe(counts, widths, bits.length)}>
      <Hatching id={hatching} />
      <text className="chart-label" x={LEFT} y={11}>
        {of === "policy" ? "kernels of the policy" : "kernels now"}
      </text>
      {widths.map((bit, i) => {
        const count = counts[i] ?? 0;
        const tall = (count / most) * (base - HEAD);
        const bar = { x: LEFT + i * step + 1, y: base - tall, width: Math.max(1, step - 2), height: tall };
        const middle = LEFT + (i + 0.5) * step;
        return (
          <g key={bit}>
            <title>{`${bit} bits: ${count} of ${bits.length} kernels, ${percent(count / bits.length)}`}</title>
            <rect {...bar} fill={bit === 0 ? `url(#${hatching})` : bitColor(bit)} />
            {count > 0 && (
              <text className="chart-value" x={middle} y={base - tall - 4} textAnchor="middle">
                {step >= SHARE_WIDTH ? percent(count / bits.length, 0) : count}
              </text>
            )}
            <text className="chart-label" x={middle} y={height - 5} textAnchor="middle">
              {bit}
            </text>
          </g>
        );
      })}
      <path className="chart-axis" d={`M${LEFT} ${base + 0.5}h${width - 2 * LEFT}`} />
    </svg>
  );
}

const describe = (counts: readonly number[], widths: readonly number[], total: number): string =>
  `Of ${total} kernels: ${widths
    .flatMap((bit, i) => ((counts[i] ?? 0) > 0 ? [`${counts[i]} ${bit === 0 ? "pruned" : `with ${bit} bits`}`] : []))
    .join(", ")}`;
