import { FLOAT_BITS, type LayerBits } from "../../../core/cost";
import type { Layer } from "../../../core/layers";
import { meanBits } from "../../../core/search";
import { decidedBits, percent } from "../../format";
import { useSelection } from "../../store/selection";
import type { Size } from "../frame/use-size";
import { shortened } from "../loom/layout";
import { bitColor } from "../theme";

export interface Column {
  readonly layer: Layer;
  readonly bits: LayerBits;
  /** Share of the searched layers' BitOps and MACs, 0..1. */
  readonly share: number;
  readonly macShare: number;
}

const LEFT = 52;
const HEAD = 16;
const NAMES = 18;
/** Lower than this nothing can be drawn. */
export const LEAST_HEIGHT = NAMES + 2 * HEAD;
const LETTER = 6.7;
/** Digits with a point among them are narrower. */
const DIGIT = 6.2;
/** Characters of a layer's name; longer ones are shortened. */
const MAX_NAME = 14;
/** Numbers wider than their bars lean on the line between both, outwards. */
const SIDES = ["end", "start"] as const;

/** Bits upwards, share of the cost downwards, one column a layer. */
export function BitColumns({ columns, size: { width, height } }: { readonly columns: readonly Column[]; readonly size: Size }) {
  const selected = useSelection((state) => state.layer);
  const select = useSelection((state) => state.select);
  // A float tensor reaches the top like the widest of the others, and says its 32.
  const widths = columns.flatMap(({ bits }) => [meanBits(bits.weight), meanBits(bits.activation)]);
  const most = Math.max(4, ...widths.filter((width) => width < FLOAT_BITS));
  const costliest = Math.max(...columns.map(({ share, macShare }) => Math.max(share, macShare)));
  const upper = (height - NAMES - 2 * HEAD) * 0.62;
  const lower = height - NAMES - 2 * HEAD - upper;
  const base = HEAD + upper;
  const step = (width - LEFT) / columns.length;
  const bar = Math.min(28, step * 0.38);
  const letters = Math.max(...columns.map(({ bits }) => decidedBits(bits.weight).length + decidedBits(bits.activation).length));
  const numbers = letters * DIGIT + 2;
  const aside = letters * DIGIT > 2 * bar;
  const nameLength = Math.min(MAX_NAME, Math.max(...columns.map(({ layer }) => layer.name.length)));
  const nameWidth = nameLength * LETTER + 8;
  const every = Math.max(1, Math.ceil(nameWidth / step));
  return (
    <svg width={width} height={height} role="img" aria-label={describe(columns)}>
      <text className="chart-label" x={0} y={HEAD + 8}>
        bits
      </text>
      <text className="chart-label" x={0} y={HEAD + 24}>
        w | a
      </text>
      <text className="chart-label" x={0} y={base + HEAD + 8}>
        BitOps
      </text>
      <path className="mac-mark" d={`M0 ${base + HEAD + 19.5}h8`} />
      <text className="chart-label" x={11} y={base + HEAD + 24}>
        MACs
      </text>
      {columns.map(({ layer, bits, share, macShare }, i) => {
        const middle = LEFT + (i + 0.5) * step;
        return (
          <g key={layer.name} onClick={() => select(layer.name)}>
            <rect
              className={layer.name === selected ? "column selected" : "column"}
              x={middle - step / 2}
              y={0}
              width={step}
              height={height}
            />
            {[bits.weight, bits.activation].map((tensor, role) => {
              const value = meanBits(tensor);
              const tall = (Math.min(value, most) / most) * upper;
              const x = middle + (role - 1) * (bar + 1);
              return (
                <g key={role}>
                  <rect x={x} y={base - tall} width={bar} height={tall} style={{ fill: bitColor(value) }} />
                  {numbers <= step && (
                    <text
                      className="chart-value"
                      {...(aside
                        ? { x: x + (role === 0 ? bar : 0), textAnchor: SIDES[role] }
                        : { x: x + bar / 2, textAnchor: "middle" })}
                      y={base - tall - 4}
                    >
                      {decidedBits(tensor)}
                    </text>
                  )}
                </g>
              );
            })}
            <rect
              className="cost-bar"
              x={middle - bar}
              y={base + HEAD}
              width={2 * bar}
              height={Math.max(1, (share / costliest) * lower)}
            />
            <path
              className="mac-mark"
              d={`M${middle - bar - 2} ${base + HEAD + (macShare / costliest) * lower}h${2 * bar + 4}`}
            />
            {bar * 2 >= 30 && (
              <text className="chart-label" x={middle} y={base + HEAD - 4} textAnchor="middle">
                {percent(share, 0)}
              </text>
            )}
            {i % every === 0 && (
              <text className="chart-label" x={Math.min(middle, width - nameWidth / 2)} y={height - 5} textAnchor="middle">
                {shortened(layer.name, nameLength)}
              </text>
            )}
          </g>
        );
      })}
      <path className="chart-axis" d={`M${LEFT} ${base + 0.5}H${width}`} />
    </svg>
  );
}

const describe = (columns: readonly Column[]): string =>
  columns
    .map(
      ({ layer, bits, share }) =>
        `${layer.name}: weights ${decidedBits(bits.weight)} bits, activations ${decidedBits(bits.activation)} bits, ${percent(share)} of BitOps`,
    )
    .join("; ");
