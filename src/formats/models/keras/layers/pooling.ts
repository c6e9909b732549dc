import { NO_PADDING, type Pair } from "../../../../core/graph";
import { samePadding } from "../../../../core/same-padding";
import { flag, isSame, only, pair, type Config } from "../config";
import { plainLayer, type KerasLayer, type LayerReader } from "../layer";

/** Pixels that "same" adds count in no average and win no maximum. */
const pooling =
  (op: "maxPool" | "averagePool"): LayerReader =>
  (config): KerasLayer => {
    const kernel = pair(config, "pool_size", [2, 2]);
    const stride = pair(config, "strides", kernel);
    const same = isSame(config);
    return plainLayer(({ add, inputs: [input] }) =>
      add("", { op, kernel, stride, padding: same ? samePadding({ kernel, stride }, input.shape) : NO_PADDING }, input),
    );
  };

export const maxPooling2d = pooling("maxPool");
export const averagePooling2d = pooling("averagePool");

function keepsAxes(config: Config): boolean {
  only(config, "data_format", "channels_last");
  return flag(config, "keepdims", false);
}

export const globalAveragePooling2d: LayerReader = (config) => {
  const keeps = keepsAxes(config);
  return plainLayer(({ add, inputs: [input] }) => {
    const pooled = add("", { op: "globalAveragePool" }, input);
    return keeps ? add("reshape", { op: "reshape", shape: [1, 1, ...pooled.shape] }, pooled) : pooled;
  });
};

/** One window over the whole image. */
export const globalMaxPooling2d: LayerReader = (config) => {
  const keeps = keepsAxes(config);
  return plainLayer(({ add, inputs: [input] }) => {
    const [height = 1, width = 1] = input.shape;
    const kernel: Pair = [height, width];
    const pooled = add("", { op: "maxPool", kernel, stride: kernel, padding: NO_PADDING }, input);
    return keeps ? pooled : add("flatten", { op: "flatten" }, pooled);
  });
};
