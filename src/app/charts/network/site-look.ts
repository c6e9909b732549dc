/** How the quantizer of one tensor looks: coloured by its bits or, where schemes compete, by its scheme. */
import type { SchemeInfo } from "../../../core/catalog";
import { FLOAT_BITS } from "../../../core/cost";
import { meanBits, type Bits } from "../../../core/search";
import { bits as bitsText, decidedBits, percent } from "../../format";
import { schemeLook } from "../candidate-looks";
import type { Favourite } from "../loom/model";
import { bitColor, bitTextColor, leadColor, textColorOn } from "../theme";

export interface SiteLook {
  /** A few characters: "2.40", "C 3", "float". */
  readonly text: string;
  /** "2.40 bits", "ClipQ (clipped uniform), 3 bits" */
  readonly words: string;
  readonly colour: string;
  readonly textColour: string;
  /** 0 bits: hatched. */
  readonly isNone: boolean;
}

/** Before the first snapshot. */
export const UNKNOWN: SiteLook = {
  text: "\u2013",
  words: "no bits yet",
  colour: "var(--surface-2)",
  textColour: "var(--text-2)",
  isNone: false,
};

/** Of a tensor that is not searched. */
export const FLOAT: SiteLook = {
  text: "float",
  words: "float",
  colour: bitColor(FLOAT_BITS),
  textColour: bitTextColor(FLOAT_BITS),
  isNone: false,
};

/** The most probable of the schemes that compete, fainter while it hardly leads. */
export function schemesLook({ scheme, probability, lead }: Favourite, schemes: readonly SchemeInfo[]): SiteLook {
  const { short, name, colour } = schemeLook(scheme, schemes);
  const faded = leadColor(colour, lead);
  const words = `${name} with ${percent(probability)}`;
  return { text: `${short} ${percent(probability, 0)}`, words, colour: faded, textColour: textColorOn(faded), isNone: false };
}

interface Scheming {
  /** Whether the bits are a policy's. */
  readonly decides: boolean;
  /** Told where layers differ in it. */
  readonly scheme: string | undefined;
  readonly schemes: readonly SchemeInfo[];
  /** Whether it is what is searched, and gives the colour. */
  readonly isScheme: boolean;
}

/** Bits of a policy or of a search, with the scheme where that tells something. */
export function bitsLook(tensor: Bits, { decides, scheme, schemes, isScheme }: Scheming): SiteLook {
  const mean = meanBits(tensor);
  if (mean >= FLOAT_BITS) return FLOAT;
  const text = decides ? decidedBits(tensor) : bitsText(mean);
  const isNone = mean === 0;
  const own = scheme === undefined ? null : schemeLook(scheme, schemes);
  const [colour, textColour] =
    own && isScheme ? [own.colour, own.textColour] : [bitColor(mean), isNone ? "var(--text)" : bitTextColor(mean)];
  const words = `${own ? `${own.name}, ` : ""}${text} ${text === "1" ? "bit" : "bits"}`;
  return { text: own ? `${own.short} ${text}` : text, words, colour, textColour, isNone };
}
