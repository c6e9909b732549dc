import { count, flag, only, Unsupported } from "../config";
import { operationLayer, type LayerReader } from "../layer";

/** Bilinear with kept pixel centres, as TensorFlow's image.resize does it. */
export const resizing: LayerReader = (config) => {
  only(config, "interpolation", "bilinear");
  only(config, "data_format", "channels_last");
  if (flag(config, "crop_to_aspect_ratio", false) || flag(config, "pad_to_aspect_ratio", false))
    throw new Unsupported("cropping or padding to an aspect ratio is not supported");
  return operationLayer({ op: "resize", size: [count(config, "height"), count(config, "width")] });
};
