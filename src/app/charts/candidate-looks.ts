/** How candidates are called and coloured: by their bits or, where schemes compete, by their scheme. */
import type { SchemeInfo } from "../../core/catalog";
import { competingSchemes, type Candidate } from "../../core/search";
import { useRun } from "../store/run";
import { bitColor, bitTextColor, schemeColor } from "./theme";

export interface CandidateLook {
  readonly key: string;
  /** "3", or the letter of a scheme. */
  readonly short: string;
  /** "3 bits", "ClipQ (clipped uniform)" */
  readonly name: string;
  readonly colour: string;
  readonly textColour: string;
  /** Of a pruned tensor: hatched. */
  readonly isNone: boolean;
}

/** The schemes that the page knows by letter, in the order of their colours. */
export const useSchemes = (): readonly SchemeInfo[] => useRun((state) => state.catalog?.schemes) ?? NONE;

const NONE: readonly SchemeInfo[] = [];

/** The looks of one site's candidates, in their order. */
export function candidateLooks(candidates: readonly Candidate[], schemes: readonly SchemeInfo[]): readonly CandidateLook[] {
  return candidates.map(({ bits, scheme }) => (competingSchemes(candidates) ? schemeLook(scheme, schemes) : bitsLook(bits)));
}

/** The look of a scheme; one that has no letter is called by its id. */
export function schemeLook(id: string, schemes: readonly SchemeInfo[]): CandidateLook {
  const place = schemes.findIndex((known) => known.id === id);
  const info = schemes[place];
  return {
    key: id,
    short: info?.letter ?? id,
    name: info?.label ?? id,
    colour: place < 0 ? "var(--float)" : schemeColor(place),
    textColour: "#000000",
    isNone: false,
  };
}

const bitsLook = (bits: number): CandidateLook => ({
  key: String(bits),
  short: String(bits),
  name: `${bits} bits`,
  colour: bitColor(bits),
  textColour: bitTextColor(bits),
  isNone: bits === 0,
});
