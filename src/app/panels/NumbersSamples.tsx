import type { NumbersInfo, NumbersSplit } from "../../core/dataset";
import type { Samples } from "../../core/protocol";
import { Icon } from "../controls/Icon";

interface NumbersSamplesProps {
  readonly samples: Samples;
  readonly split: NumbersSplit;
  readonly data: NumbersInfo;
}

/** Columns that fit beside the answers. */
const SHOWN = 12;

/** Sample rows with their classes, and what the network takes a row for where that differs. */
export function NumbersSamples({ samples, split, data }: NumbersSamplesProps) {
  const { features, classes } = data;
  const shown = features.slice(0, SHOWN);
  const nameOf = (index: number): string => classes[index] ?? String(index);
  return (
    <table className="numbers-samples">
      <thead>
        <tr>
          <th scope="col">Class</th>
          {shown.map((feature, i) => (
            <th key={i} scope="col" title={feature}>
              {feature}
            </th>
          ))}
          {features.length > SHOWN && <th scope="col">and {features.length - SHOWN} more</th>}
        </tr>
      </thead>
      <tbody>
        {Array.from(split.labels, (label, row) => {
          const guess = samples.predictions?.[row];
          const wrong = guess !== undefined && guess !== label;
          return (
            <tr key={row}>
              <th scope="row">
                {nameOf(label)}
                {wrong && (
                  <span className="sample-guess">
                    <Icon name="wrong" />
                    <span className="visually-hidden">taken for </span>
                    {nameOf(guess)}
                  </span>
                )}
              </th>
              {shown.map((_, i) => (
                <td key={i}>{(split.values[row * features.length + i] ?? 0).toFixed(2)}</td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
