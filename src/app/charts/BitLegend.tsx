import { FLOAT_BITS } from "../../core/cost";
import { bitColor, bitTextColor } from "./theme";

interface SwatchProps {
  readonly bits: number;
}

/** A patch in the colour of a bit-width; 0 bits is hatched. */
export const BitSwatch = ({ bits }: SwatchProps) => (
  <span className={bits === 0 ? "bit-swatch bit-none" : "bit-swatch"} style={{ backgroundColor: bitColor(bits) }} />
);

interface Props {
  /** The widths that occur, for instance the candidates. */
  readonly bits: readonly number[];
}

/** The one scale for bits, one patch a width with its number on it. */
export function BitLegend({ bits }: Props) {
  return (
    <ul className="bit-legend" aria-label="Colours of bit-widths">
      {bits.map((width) => (
        <li
          key={width}
          className={width === 0 ? "bit-none" : undefined}
          style={{ backgroundColor: bitColor(width), ...(width > 0 && { color: bitTextColor(width) }) }}
        >
          {width >= FLOAT_BITS ? "float" : width}
        </li>
      ))}
      <li className="bit-legend-unit">bits</li>
    </ul>
  );
}
