import type { Layer } from "../../core/layers";
import { useLayerSwitch } from "./use-layer-switch";

/** Whether the next run searches a layer. */
export function SearchedCell({ layer }: { readonly layer: Layer }) {
  const { isOn, refusal, change } = useLayerSwitch(layer);
  return (
    <input
      type="checkbox"
      aria-label={`Search ${layer.name}`}
      title={refusal ?? undefined}
      checked={isOn}
      disabled={refusal !== null}
      onChange={({ target }) => change(target.checked)}
    />
  );
}
