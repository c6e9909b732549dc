/** Repeated recordings compute what the steps themselves compute. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { createRandom } from "../../../core/random";
import { batchNormTrain, crossEntropy, mixActivation, mixWeight, sgdMomentum } from "../ops";
import { openPlainPlayer, type Player } from "../player";
import { makeVariable } from "../../network";
import { openStepPlayer } from "./step-player";
import { failures, normal, openBackends, webGpu } from "./testing";

beforeAll(openBackends);

const STEPS = 9;

interface Twist {
  /** Of each step. */
  readonly key?: (step: number) => string;
  /** Runs before a step. */
  readonly between?: (step: number, variables: readonly tf.Variable[]) => void | Promise<void>;
  /** What the step adds to its input. */
  readonly noise?: () => tf.Tensor;
}

interface Outcome {
  readonly losses: readonly number[];
  readonly variables: readonly (readonly number[])[];
  /** Steps that ran, rather than being repeated. */
  readonly ran: readonly number[];
}

/** Trains a small network of everything that a search has: mixtures, normalisation with running statistics, momentum in place. */
async function train(open: () => Player, { key = () => "", between, noise }: Twist = {}): Promise<Outcome> {
  const player = open();
  const weight = makeVariable(normal([3, 3, 2, 6], 1), true);
  const share = makeVariable(tf.tensor1d([0.01, 0.02, 0.03]), true);
  const [gamma, beta] = [makeVariable(tf.ones([6]), true), makeVariable(tf.zeros([6]), true)];
  const [mean, variance] = [makeVariable(tf.zeros([6]), false), makeVariable(tf.ones([6]), false)];
  const trained: readonly tf.Variable[] = [weight, share, gamma, beta];
  const velocity = makeVariable(tf.zeros([trained.reduce((sum, { size }) => sum + size, 0)]), false);
  const variables = [...trained, mean, variance, velocity];
  const grid = tf.tensor2d([1, 0.8, 0, 0.8, 0.5, 0.5, 1.5, 3, 0.2, 0.2, 3, 15], [3, 4]);
  const losses: number[] = [];
  const ran: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    await between?.(step, variables);
    const random = createRandom(`batch ${step}`);
    const pixels = Float32Array.from({ length: 4 * 5 * 5 * 2 }, () => random.normal());
    const x = player.feed<tf.Tensor4D>("x", pixels, [4, 5, 5, 2], "float32");
    const labels = player.feed<tf.Tensor1D>("labels", Int32Array.from([0, 1, 2, step % 6]), [4], "int32");
    const rate = player.feed<tf.Scalar>("rate", Float32Array.of(0.1 / (1 + step)), [], "float32");
    const [loss] = player.play(key(step), () => {
      ran.push(step);
      let kept: tf.Tensor | null = null;
      const { value, grads } = tf.variableGrads(() => {
        const p = tf.softmax(share) as tf.Tensor1D;
        const moved = noise ? tf.add(x, noise()) : x;
        const input = mixActivation(moved as tf.Tensor4D, grid as tf.Tensor2D, p, true);
        const y = tf.conv2d(input, mixWeight(weight, grid as tf.Tensor2D, p) as tf.Tensor4D, 1, "same");
        const running = { mean: mean as tf.Tensor as tf.Tensor1D, variance: variance as tf.Tensor as tf.Tensor1D };
        const attrs = { epsilon: 1e-5, momentum: 0.1 };
        const normed = batchNormTrain(y, gamma as tf.Tensor as tf.Tensor1D, beta as tf.Tensor as tf.Tensor1D, running, attrs);
        mean.assign(normed.runningMean);
        variance.assign(normed.runningVariance);
        const result = crossEntropy(tf.mean(tf.relu(normed.y), [1, 2]), labels).loss;
        kept = tf.keep(result);
        return tf.add(result, tf.mul(tf.scalar(0.01), tf.sum(p))) as tf.Scalar;
      }, [...trained]);
      value.dispose();
      tf.tidy(() => {
        let offset = 0;
        const pairs = trained.map((parameter) => {
          offset += parameter.size;
          return { parameter, gradient: grads[parameter.name]!, offset: offset - parameter.size, weightDecay: 1e-4 };
        });
        const next = sgdMomentum(velocity as tf.Tensor as tf.Tensor1D, pairs, rate, { momentum: 0.9, nesterov: false });
        velocity.assign(next.velocity);
        trained.forEach((parameter, i) => parameter.assign(next.parameters[i]!));
      });
      tf.dispose(grads);
      return [kept as unknown as tf.Tensor];
    });
    const copy = tf.tidy(() => tf.add(loss!, 0));
    losses.push(...(await copy.data()));
    copy.dispose();
  }
  const values = await Promise.all(variables.map(async (variable) => [...(await variable.data())]));
  player.dispose();
  tf.dispose([...variables, grid]);
  expect(failures).toEqual([]);
  return { losses, variables: values, ran };
}

/** The same training with every step run. */
async function expectAsPlain(twist?: Twist): Promise<readonly number[]> {
  const plain = await train(openPlainPlayer, twist);
  const played = await train(openStepPlayer, twist);
  expect(plain.ran).toHaveLength(STEPS);
  expect(plain.losses.every(Number.isFinite)).toBe(true);
  expect(played.losses).toEqual(plain.losses);
  expect(played.variables).toEqual(plain.variables);
  return played.ran;
}

test("one step warms up, two are recorded, all others repeated, with the same bits", async () => {
  expect(await expectAsPlain()).toEqual([0, 1, 2]);
});

test("another key begins anew", async () => {
  expect(await expectAsPlain({ key: (step) => (step < 5 ? "a" : "b") })).toEqual([0, 1, 2, 5, 6, 7]);
  expect(await expectAsPlain({ key: String })).toHaveLength(STEPS);
});

test("steps that draw random numbers are never repeated", async () => {
  let seed = 0;
  const twist = { noise: () => normal([4, 5, 5, 2], ++seed % STEPS) };
  expect(await expectAsPlain(twist)).toHaveLength(STEPS);
});

test("a constant that is computed on the way is as good after many repetitions", async () => {
  expect(await expectAsPlain({ noise: () => normal([4, 5, 5, 2], 7) })).toEqual([0, 1, 2]);
});

test("reading a variable between steps, also while they go on, gives its values of that moment", async () => {
  const read = (seen: Promise<ArrayLike<number>>[]): Twist => ({
    between: (step, variables) => void (step % 2 === 1 && seen.push(variables[0]!.data())),
  });
  const [plain, played]: Promise<ArrayLike<number>>[][] = [[], []];
  await train(openPlainPlayer, read(plain!));
  await train(openStepPlayer, read(played!));
  expect(await Promise.all(played!)).toEqual(await Promise.all(plain!));
});

test("a variable that somebody sets, or a clone of one, is respected", async () => {
  const set: Twist["between"] = (step, variables) => {
    if (step === 5) tf.tidy(() => variables[0]!.assign(normal([3, 3, 2, 6], 3)));
  };
  expect(await expectAsPlain({ between: set })).toEqual([0, 1, 2, 5, 6, 7]);

  const clones: tf.Tensor[] = [];
  const clone: Twist["between"] = (step, variables) => {
    if (step === 5) clones.push(tf.clone(variables[0]!));
  };
  const ran = await expectAsPlain({ between: clone });
  expect(ran.slice(0, 4)).toEqual([0, 1, 2, 5]);
  const [first, second] = await Promise.all(clones.map((copy) => copy.data()));
  expect(second).toEqual(first);
  tf.dispose(clones);
});

test("a step that read something freed since runs again", async () => {
  let constant: tf.Tensor | null = null;
  const replace: Twist["between"] = (step) => {
    if (step % 5 !== 0) return;
    constant?.dispose();
    constant = tf.tidy(() => tf.square(normal([4, 5, 5, 2], step)));
  };
  const noise = () => tf.clone(constant!);
  expect(await expectAsPlain({ between: replace, noise })).toEqual([0, 1, 2, 5, 6]);
});

test("recordings free what they hold", async () => {
  const memory = async () => {
    await train(openStepPlayer, { key: (step) => String(step >> 2) });
    return { tensors: tf.memory().numTensors, bytes: webGpu().memory().numBytesInGPU };
  };
  const before = await memory();
  expect(await memory()).toEqual(before);
});
