/**
 * A target for EdMIPS, which has none of its own: lambda follows the expected BitOps until they meet the budget. A controller with a
 * proportional and an integral part on log(BitOps / budget), on the device: nothing is read back.
 */
import * as tf from "@tensorflow/tfjs-core";
import { budgetOf } from "../../core/budget";
import { KNOBS } from "../../core/config";
import type { MeterSpec } from "../../core/catalog";
import type { SearchSpace } from "../../core/search";
import { makeVariable } from "../network";

/** Factors on the logarithmic distance: how far lambda leads it, and how much of it stays at each step. */
const PROPORTIONAL = 4;
const INTEGRAL = 0.05;

export const TARGET_METERS: readonly MeterSpec[] = [
  {
    id: "lambda",
    label: "λ",
    unit: "",
    help: "The complexity weight that the controller chose.",
    per: "network",
    scale: "logarithmic",
    group: "lambda",
  },
  {
    id: "cost",
    label: "expected",
    unit: "MBitOps",
    help: "What the search expects to cost.",
    per: "network",
    scale: "linear",
    group: "budget",
  },
  {
    id: "budget",
    label: "budget",
    unit: "MBitOps",
    help: "What the target allows.",
    per: "network",
    scale: "linear",
    group: "budget",
  },
];

export interface LambdaController {
  /** Takes the expected width products of the layers [layers] and the target in bits into account; once a step. */
  readonly follow: (products: tf.Tensor1D, target: number) => void;
  readonly lambda: () => tf.Scalar;
  /** Lambda, expected cost and budget, [1] each. */
  readonly meters: (products: tf.Tensor1D, target: number) => readonly tf.Tensor1D[];
  readonly dispose: () => void;
}

/** Starts at lambda as set. */
export function openController(space: SearchSpace, initial: number): LambdaController {
  const macs = tf.tensor1d(space.searched.map((layer) => layer.macs / 1e6));
  const integral = makeVariable(tf.scalar(Math.log(initial)), false);
  const current = makeVariable(tf.scalar(Math.log(initial)), false);
  const [least, most] = [Math.log(KNOBS.lambda.min), Math.log(KNOBS.lambda.max)];
  const cost = (products: tf.Tensor1D): tf.Scalar => tf.sum<tf.Scalar>(tf.mul(products, macs));
  const budget = (target: number): number => budgetOf("bitops", space, target) / 1e6;
  return {
    follow: (products, target) => {
      const distance = tf.sub(tf.log(cost(products)), Math.log(budget(target)));
      integral.assign(tf.clipByValue(tf.add(integral, tf.mul(distance, INTEGRAL)), least, most));
      current.assign(tf.clipByValue(tf.add(integral, tf.mul(distance, PROPORTIONAL)), least, most));
    },
    lambda: () => tf.exp<tf.Scalar>(current as tf.Tensor as tf.Scalar),
    meters: (products, target) => [
      tf.reshape(tf.exp(current), [1]),
      tf.reshape(cost(products), [1]),
      tf.tensor1d([budget(target)]),
    ],
    dispose: () => tf.dispose([macs, integral, current]),
  };
}
