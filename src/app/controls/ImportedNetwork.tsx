import { Button } from "react-aria-components/Button";
import { withStart } from "../../core/config";
import { IMPORTED } from "../../core/imported";
import { GUESSED, NORMALISATIONS } from "../../core/normalisation";
import { checkNetwork } from "../bridge/network-file";
import { count } from "../format";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { SelectField } from "./SelectField";

const STARTS = [
  { id: "pretrained", label: "Its own weights" },
  { id: "scratch", label: "New weights" },
] as const;

/** What a network from a file starts from, which pixels it gets, and what its reader had to say. */
export function ImportedNetwork() {
  const model = useSettings((state) => state.config.model);
  const start = useSettings((state) => state.config.start);
  const normalise = useSettings((state) => state.config.normalise);
  const change = useSettings((state) => state.change);
  const network = useRun((state) => state.network);
  const images = useRun((state) => state.data?.kind === "images");
  const problem = useRun((state) => state.problem);
  if (model !== IMPORTED || !network) return null;
  const guess = NORMALISATIONS.find(({ id }) => id === network.normalisation)?.label ?? network.normalisation;
  const presets = NORMALISATIONS.map(({ id, label }) => ({ id, label }));
  const input = network.input.map((size) => size ?? "any").join("\u00d7");
  return (
    <>
      <div className="field-grid">
        <SelectField
          label="Start from"
          value={start}
          values={STARTS}
          onChange={(id) => change(withStart(useSettings.getState().config, { start: id }))}
        />
        {images && (
          <SelectField
            label="Pixels become"
            value={normalise}
            values={[{ id: GUESSED, label: `${guess} (guessed)` }, ...presets]}
            onChange={(id) => change({ normalise: id })}
          />
        )}
      </div>
      <p className="help">
        {network.format}. {input} in, {count(network.classes)} out, {count(network.parameters)} parameters.
      </p>
      {network.notes.length > 0 && (
        <details className="help">
          <summary>{network.notes.length === 1 ? "A note" : `${network.notes.length} notes`} on what was read</summary>
          {network.notes.join(" ")}
        </details>
      )}
      <Button className="button" isDisabled={problem !== null} onPress={() => void checkNetwork()}>
        Check its accuracy
      </Button>
    </>
  );
}
