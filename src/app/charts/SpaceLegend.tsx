import { hasSchemes, type SearchSpace } from "../../core/search";
import { BitLegend, SchemeLegend } from "./BitLegend";
import { schemeLook, useSchemes } from "./candidate-looks";

interface Props {
  readonly space: SearchSpace;
  /** Other widths that are drawn, such as that of float tensors. */
  readonly besides?: readonly number[];
}

/** The colours of what is searched: bit-widths, or schemes where they compete. */
export function SpaceLegend({ space, besides = [] }: Props) {
  const schemes = useSchemes();
  if (hasSchemes(space)) {
    return <SchemeLegend looks={schemes.filter(({ id }) => occurs(space, id)).map(({ id }) => schemeLook(id, schemes))} />;
  }
  const widths = new Set([...space.sites.flatMap(({ candidates }) => candidates.map(({ bits }) => bits)), ...besides]);
  return <BitLegend bits={[...widths].sort((a, b) => a - b)} />;
}

const occurs = ({ sites }: SearchSpace, scheme: string): boolean =>
  sites.some(({ candidates }) => candidates.some((candidate) => candidate.scheme === scheme));
