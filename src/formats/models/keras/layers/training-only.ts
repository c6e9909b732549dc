/** Layers that do nothing, or nothing outside of training. */
import { real, Unsupported } from "../config";
import { operationLayer, plainLayer, type LayerReader } from "../layer";

export const identity: LayerReader = () => plainLayer(({ inputs }) => inputs[0]);

export const dropout: LayerReader = (config) => {
  const rate = real(config, "rate", 0.5);
  if (rate < 0 || rate >= 1) throw new Unsupported(`its rate ${rate} is not in 0 to 1`);
  return operationLayer({ op: "dropout", rate });
};

/** Noise and random changes of images: networks are trained here with augmentation of their own. */
export const leftOut: LayerReader = () => plainLayer(({ inputs }) => inputs[0], "it acts in training only, and is left out");
