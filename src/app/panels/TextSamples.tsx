import type { TextInfo, TextSplit } from "../../core/dataset";
import type { Samples } from "../../core/protocol";
import { Icon } from "../controls/Icon";

interface TextSamplesProps {
  readonly samples: Samples;
  readonly split: TextSplit;
  readonly data: TextInfo;
}

/** Sample texts with the true next symbol, or the class, and what the network says in its place where that differs. */
export function TextSamples({ samples, split, data }: TextSamplesProps) {
  const count = split.tokens.length / data.length;
  const answers = split.labels.length / count;
  return (
    <ul className="text-samples">
      {Array.from({ length: count }, (_, index) => {
        // A language model answers at every position: the last one has seen most of the text.
        const at = (index + 1) * answers - 1;
        const guess = samples.predictions?.[at];
        const wrong = guess !== undefined && guess !== split.labels[at];
        return (
          <li key={index} className={wrong ? "text-sample wrong" : "text-sample"}>
            <q>{textOf(data, split.tokens.subarray(index * data.length, (index + 1) * data.length))}</q>
            <span className="text-truth">{nameOf(data.classes, split.labels[at])}</span>
            {wrong && (
              <span className="sample-guess">
                <Icon name="wrong" />
                <span className="visually-hidden">taken for </span>
                {nameOf(data.classes, guess)}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Characters at the end of a text that fit beside its answer. */
const SHOWN = 80;

function textOf({ symbols, unit }: TextInfo, tokens: Uint16Array): string {
  const words = Array.from(tokens, (token) => symbols[token] ?? "").filter((symbol) => symbol !== "<pad>");
  const text = words.join(unit === "word" ? " " : "");
  return text.length > SHOWN ? `\u2026${text.slice(-SHOWN)}` : text;
}

/** Blanks have no look of their own. */
const BLANKS: Readonly<Record<string, string>> = { " ": "space", "\n": "new line", "\t": "tab" };

const nameOf = (names: readonly string[], index: number | undefined): string => {
  const name = names[index ?? -1] ?? "";
  return BLANKS[name] ?? name;
};
