import { LIMITS, type RunConfig } from "../../core/config";
import { IMPORTED } from "../../core/imported";
import { useChosenMethod } from "../store/method";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { BitChips } from "./BitChips";
import { CheckField } from "./CheckField";
import { DeriveControls } from "./DeriveControls";
import { MethodOptions } from "./MethodOptions";
import { NumberField } from "./NumberField";
import { PlacesControls } from "./PlacesControls";
import { SelectField } from "./SelectField";

const BACKENDS: readonly { readonly id: RunConfig["backend"]; readonly label: string }[] = [
  { id: "auto", label: "Automatic" },
  { id: "webgpu", label: "WebGPU" },
  { id: "wasm", label: "WASM" },
];

/** Settings that a first look does not need. They start a new run, so they are locked during one. */
export default function Advanced() {
  const config = useSettings((state) => state.config);
  const change = useSettings((state) => state.change);
  const backend = useRun((state) => state.backend);
  const method = useChosenMethod();
  const areImages = useRun((state) => (state.data?.kind ?? "images") === "images");
  return (
    <div className="advanced-body">
      <h2>Search space</h2>
      <BitChips label="Weight bits" role="weight" bits={config.weightBits} onChange={(weightBits) => change({ weightBits })} />
      <BitChips
        label="Activation bits"
        role="activation"
        bits={config.activationBits}
        onChange={(activationBits) => change({ activationBits })}
      />
      <PlacesControls />
      <MethodOptions />
      <h2>Training</h2>
      <div className="field-grid">
        <NumberField
          label="Epochs"
          value={config.epochs}
          limits={LIMITS.epochs}
          whole
          onChange={(epochs) => change({ epochs })}
        />
        <NumberField label="Batch" value={config.batch} limits={LIMITS.batch} whole onChange={(batch) => change({ batch })} />
        <NumberField
          label="Weight rate"
          value={config.weightRate}
          limits={LIMITS.rate}
          onChange={(weightRate) => change({ weightRate })}
        />
        <NumberField
          label="Architecture rate"
          value={config.architectureRate}
          limits={LIMITS.rate}
          onChange={(architectureRate) => change({ architectureRate })}
        />
        <NumberField
          label="Weight decay"
          value={config.weightDecay}
          limits={LIMITS.weightDecay}
          onChange={(weightDecay) => change({ weightDecay })}
        />
        <NumberField label="Seed" value={config.seed} limits={LIMITS.seed} whole onChange={(seed) => change({ seed })} />
      </div>
      {areImages && (
        <>
          <CheckField label="Shift images by up to 2 pixels" checked={config.shift} onChange={(shift) => change({ shift })} />
          <CheckField label="Flip images left to right" checked={config.flip} onChange={(flip) => change({ flip })} />
        </>
      )}
      {method?.sampling !== false && <DeriveControls />}
      {areImages && (
        <NumberField
          label="Resolution of the network's input (0: as it is)"
          value={config.resolution}
          limits={LIMITS.resolution}
          whole
          onChange={(resolution) => change({ resolution })}
        />
      )}
      {config.model === IMPORTED && (
        <CheckField
          label="Give trained weights their batch normalisation back"
          checked={config.adapt}
          onChange={(adapt) => change({ adapt })}
        />
      )}
      <h2>After the search</h2>
      <CheckField label="Retrain the policy" checked={config.retrain} onChange={(retrain) => change({ retrain })} />
      <CheckField
        label="Train baselines: float, W2A2, W3A3, W4A4"
        checked={config.baselines}
        onChange={(baselines) => change({ baselines })}
      />
      <SelectField
        label="Retrain from"
        value={config.retrainFrom}
        values={[
          { id: "scratch", label: "New weights" },
          { id: "search", label: "Weights of the search" },
        ]}
        onChange={(retrainFrom) => change({ retrainFrom })}
      />
      <h2>Backend</h2>
      <SelectField
        label="Backend"
        value={config.backend}
        values={BACKENDS}
        help={backend ? `${backend.label}. ${backend.note}` : undefined}
        onChange={(value) => change({ backend: value })}
      />
    </div>
  );
}
