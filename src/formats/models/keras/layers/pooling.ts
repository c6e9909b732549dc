import type { Operation, Pair } from "../../../../core/graph";
import { flag, isSame, only, pair, type Config } from "../config";
import { paddingFor, plainLayer, type KerasLayer, type LayerReader } from "../layer";

/** Pixels that "same" adds count in no average and win no maximum. */
const pooling =
  (op: "maxPool" | "averagePool"): LayerReader =>
  (config): KerasLayer => {
    const kernel = pair(config, "pool_size", [2, 2]);
    const stride = pair(config, "strides", kernel);
    const same = isSame(config);
    return plainLayer(({ add, inputs: [input] }) =>
      add("", { op, kernel, stride, padding: paddingFor(same, { kernel, stride }, input.shape) }, input),
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
    const operation: Operation = {
      op: "maxPool",
      kernel,
      stride: kernel,
      padding: paddingFor(false, { kernel, stride: kernel }, []),
    };
    const pooled = add("", operation, input);
    return keeps ? pooled : add("flatten", { op: "flatten" }, pooled);
  });
};
