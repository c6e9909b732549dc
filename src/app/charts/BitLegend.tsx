import { FLOAT_BITS } from "../../core/cost";
import { hasSchemes, type SearchSpace } from "../../core/search";
import { schemeLook, useSchemes, type CandidateLook } from "./candidate-looks";
import { bitColor, bitTextColor } from "./theme";

/** A patch in the colour of a bit-width or a scheme; 0 bits is hatched. */
export const Swatch = ({ look: { colour, isNone } }: { readonly look: Pick<CandidateLook, "colour" | "isNone"> }) => (
  <span className={isNone ? "bit-swatch bit-none" : "bit-swatch"} style={{ backgroundColor: colour }} />
);

/** The letters of schemes on their colours. */
export function SchemeLegend({ looks }: { readonly looks: readonly CandidateLook[] }) {
  return (
    <ul className="bit-legend" aria-label="Colours of schemes">
      {looks.map(({ key, short, name, colour, textColour }) => (
        <li key={key} title={name} style={{ backgroundColor: colour, color: textColour }}>
          {short}
        </li>
      ))}
    </ul>
  );
}

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

interface SpaceProps {
  readonly space: SearchSpace;
  /** Other widths that are drawn, such as that of float tensors. */
  readonly besides?: readonly number[];
}

/** The colours of what is searched: bit-widths, or schemes where they compete. */
export function SpaceLegend({ space, besides = [] }: SpaceProps) {
  const schemes = useSchemes();
  if (hasSchemes(space)) {
    return <SchemeLegend looks={schemes.filter(({ id }) => occurs(space, id)).map(({ id }) => schemeLook(id, schemes))} />;
  }
  const widths = new Set([...space.sites.flatMap(({ candidates }) => candidates.map(({ bits }) => bits)), ...besides]);
  return <BitLegend bits={[...widths].sort((a, b) => a - b)} />;
}

const occurs = ({ sites }: SearchSpace, scheme: string): boolean =>
  sites.some(({ candidates }) => candidates.some((candidate) => candidate.scheme === scheme));
