import type { LayerReader } from "../layer";
import { activation, elu, leakyRelu, reluLayer, softmax } from "./activation";
import { conv2d, depthwiseConv2d, separableConv2d } from "./convolution";
import { dense } from "./dense";
import { add, concatenate, multiply } from "./merging";
import { batchNormalization, normalization, rescaling } from "./normalisation";
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from "./pooling";
import { resizing } from "./preprocessing";
import { embedding, lstm, timeDistributed } from "./recurrent";
import { flatten, permute, reshape, zeroPadding2d } from "./shaping";
import { dropout, identity, leftOut } from "./training-only";

/** Every layer that can be read, by its class in Keras. */
const LAYERS: Readonly<Record<string, LayerReader>> = {
  Conv2D: conv2d,
  DepthwiseConv2D: depthwiseConv2d,
  SeparableConv2D: separableConv2d,
  Dense: dense,
  BatchNormalization: batchNormalization,
  Activation: activation,
  ReLU: reluLayer,
  LeakyReLU: leakyRelu,
  ELU: elu,
  Softmax: softmax,
  MaxPooling2D: maxPooling2d,
  AveragePooling2D: averagePooling2d,
  GlobalAveragePooling2D: globalAveragePooling2d,
  GlobalMaxPooling2D: globalMaxPooling2d,
  Add: add,
  Multiply: multiply,
  Concatenate: concatenate,
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  ZeroPadding2D: zeroPadding2d,
  Embedding: embedding,
  LSTM: lstm,
  TimeDistributed: timeDistributed,
  Rescaling: rescaling,
  Normalization: normalization,
  Resizing: resizing,
  Dropout: dropout,
  Identity: identity,
  ActivityRegularization: identity,
  SpatialDropout1D: leftOut,
  SpatialDropout2D: leftOut,
  GaussianNoise: leftOut,
  GaussianDropout: leftOut,
  AlphaDropout: leftOut,
  RandomFlip: leftOut,
  RandomRotation: leftOut,
  RandomZoom: leftOut,
  RandomTranslation: leftOut,
  RandomContrast: leftOut,
  RandomBrightness: leftOut,
};

/** The reader of a class; undefined for one that is not supported. */
export const layerReader = (className: string): LayerReader | undefined =>
  Object.hasOwn(LAYERS, className) ? LAYERS[className] : undefined;
