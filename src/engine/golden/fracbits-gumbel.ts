/** fracbits.gumbel/1: the Gumbel-softmax with given uniforms, soft and straight through, and its gradients. */
import * as tf from "@tensorflow/tfjs-core";
import { createRandom, type Random } from "../../core/random";
import { gumbelNoise, gumbelSoftmax, straightThrough } from "../methods/gumbel";
import { compare, type CaseResult } from "./compare";
import { field, toleranceOf, type Json } from "./read";

export function checkGumbel(json: Json): Promise<readonly CaseResult[]> {
  const comparisons = field<readonly Json[]>(json, "cases").map((entry) => {
    const [classes, tau] = [field<number>(entry, "classes"), field<number>(entry, "tau")];
    const comparison = compare(`${classes} classes, temperature ${tau}`, toleranceOf(json));
    tf.tidy(() => {
      const row = (name: string): tf.Tensor2D => tf.tensor2d([field<number[]>(entry, name)]);
      const noise = gumbelNoise(1, classes, replay(field(entry, "uniform")));
      const soft = (theta: tf.Tensor2D): tf.Tensor2D => gumbelSoftmax(theta, noise, tau);
      const hard = (theta: tf.Tensor2D): tf.Tensor2D => straightThrough(soft(theta));
      const gradient = (draw: (theta: tf.Tensor2D) => tf.Tensor2D): tf.Tensor =>
        tf.grad((theta) => draw(theta as tf.Tensor2D))(row("theta"), row("upstream"));
      comparison.check("noise", noise, field(entry, "gumbel_noise"));
      comparison.check("soft", soft(row("theta")), field(entry, "soft"));
      comparison.check("hard", hard(row("theta")), field(entry, "hard"));
      comparison.check("grad theta, soft", gradient(soft), field(entry, "grad_theta_soft"));
      comparison.check("grad theta, hard", gradient(hard), field(entry, "grad_theta_hard"));
    });
    return comparison;
  });
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

/** A generator that gives the file's uniforms in turn: those in (0, 1], ours in [0, 1). */
function replay(uniforms: readonly number[]): Random {
  let drawn = 0;
  return { ...createRandom(1), uniform: () => 1 - (uniforms[drawn++] as number) };
}
