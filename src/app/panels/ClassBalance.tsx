import type { DatasetInfo } from "../../core/dataset";
import { count } from "../format";

/** How many examples each class has, for training and for testing: names, bars and numbers. */
export function ClassBalance({ data }: { readonly data: DatasetInfo }) {
  const { train, test } = data.classCounts;
  const most = Math.max(1, ...train.map((examples, i) => examples + (test[i] ?? 0)));
  return (
    <section className="class-balance" aria-label="Classes">
      <h2>
        {count(data.classes.length)} {data.kind === "text" && data.task === "language-model" ? "symbols" : "classes"}
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <td aria-hidden="true" />
            <th scope="col">Train</th>
            <th scope="col">Test</th>
          </tr>
        </thead>
        <tbody>
          {data.classes.slice(0, SHOWN).map((name, i) => (
            <tr key={i}>
              <th scope="row" title={name}>
                {name.trim() === "" ? JSON.stringify(name) : name}
              </th>
              <td aria-hidden="true">
                <span className="balance-bar">
                  <span style={{ width: share(train[i], most) }} />
                  <span className="balance-test" style={{ width: share(test[i], most) }} />
                </span>
              </td>
              <td>{count(train[i] ?? 0)}</td>
              <td>{count(test[i] ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {data.classes.length > SHOWN && <p className="help">and {count(data.classes.length - SHOWN)} more.</p>}
    </section>
  );
}

/** More rows than a person reads; a vocabulary has thousands. */
const SHOWN = 1000;

const share = (examples: number | undefined, most: number): string => `${(100 * (examples ?? 0)) / most}%`;
