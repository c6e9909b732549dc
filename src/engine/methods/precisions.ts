/** Bit-widths that are learned by gradient, each tensor with one scheme (AutoQNN, precision learning). */
import * as tf from "@tensorflow/tfjs-core";
import type { Knobs } from "../../core/config";
import type { Layer } from "../../core/layers";
import { candidateColumns, ROLES, type Candidate, type Role, type SearchSpace } from "../../core/search";
import { makeVariable } from "../network";
import { rowsOf, rowsTensor, statisticsFor } from "../quantizers/schemes";
import { quantizeAtWidth, widthsOf, type Width } from "../quantizers/schemes/at-width";
import { openStatistics, type OpenStatistics } from "../quantizers/schemes/statistics";
import type { Opening, Relaxation } from "./method";
import { returning } from "./returning";
import { withSharedRows } from "./shared-tensors";

/** Above the target, where widths start: there is something to lose. */
const HEAD_START = 0.5;

/** Further from every width than any width is. */
const NO_WIDTH = -100;

/** What the mean width of a role's tensors shall be. */
export const targetOf = (role: Role, knobs: Pick<Knobs, "target" | "activationTarget">): number =>
  role === "weight" ? knobs.target : knobs.activationTarget;

/** The widths of the weights, or of the activations, of all searched layers. */
function openRole({ searched, sites, ...rest }: SearchSpace, role: Role, knobs: Knobs) {
  const own = sites.filter((site) => site.role === role).map(({ candidates }) => candidates);
  const columns = candidateColumns({ searched, sites, ...rest }, role);
  const elements = (layer: Layer): number => (role === "weight" ? layer.weights : layer.activations);
  const total = searched.reduce((sum, layer) => sum + elements(layer), 0);
  const least = own.map(([first]) => (first as Candidate).bits);
  const most = own.map((candidates) => (candidates.at(-1) as Candidate).bits);
  const start = own.map((_, i) => Math.min(Math.max(targetOf(role, knobs) + HEAD_START, least[i] as number), most[i] as number));
  const before = own.map((_, i) => own.slice(0, i).reduce((sum, candidates) => sum + candidates.length, 0));
  return {
    least: tf.tensor1d(least),
    most: tf.tensor1d(most),
    table: rowsTensor(own.flatMap(rowsOf)),
    offset: tf.tensor1d(before.map((rows, i) => rows - (least[i] as number))),
    grid: tf.tensor2d(own.map((candidates) => Array.from({ length: columns }, (_, k) => candidates[k]?.bits ?? NO_WIDTH))),
    shares: tf.tensor1d(searched.map((layer) => elements(layer) / total)),
    bits: makeVariable<tf.Rank.R1>(tf.tensor1d(start), true),
    statistics: new Map<string, OpenStatistics>(
      searched.map(({ name }, i) => [name, openStatistics(statisticsFor(rowsOf(own[i] ?? [])), role === "activation")]),
    ),
  };
}

/** A width for every tensor of the space, from the least to the greatest of its candidates, which have one scheme. */
export function openPrecisions({ space, knobs, weight }: Opening): Relaxation {
  const layers = space.searched.map(({ name }) => name);
  const indexOf = new Map(layers.map((name, i) => [name, i]));
  const perRole = <T>(of: (role: Role) => T): Readonly<Record<Role, T>> => ({
    weight: of("weight"),
    activation: of("activation"),
  });
  const roles = perRole((role) => openRole(space, role, knobs));

  return {
    architecture: new Map(ROLES.map((role) => [`${role} bits`, roles[role].bits])),
    parameters: new Map(),
    pass: () => {
      const widths = perRole((role) => {
        const { bits, least, most } = roles[role];
        const inside = returning(bits as tf.Tensor as tf.Tensor1D, (x) => tf.minimum(tf.maximum(x, least), most));
        return withSharedRows(space, role, inside);
      });
      const single = perRole((role) => widthsOf(widths[role], roles[role]));
      const mean = perRole((role) => tf.sum<tf.Scalar>(tf.mul(widths[role], roles[role].shares)));
      return {
        quantize: <T extends tf.Tensor>(layer: string, role: Role, x: T, training: boolean): readonly T[] => {
          const index = indexOf.get(layer);
          if (index === undefined) return [x];
          const statistics = (roles[role].statistics.get(layer) as OpenStatistics).of(x, training);
          return [quantizeAtWidth(x, single[role][index] as Width, statistics)];
        },
        calibrate: () => undefined,
        rectifies: () => false,
        bits: (role) => widths[role],
        // How much of a candidate a width is near to falls from 1 to 0 over one bit.
        probabilities: (role) =>
          tf.relu(tf.sub(1, tf.abs(tf.sub(tf.reshape(widths[role], [layers.length, 1]), roles[role].grid)))),
        kernels: () => null,
        penalty: (now) => {
          const distances = ROLES.map((role) => tf.squaredDifference(mean[role], targetOf(role, now)));
          return tf.mul<tf.Scalar>(tf.addN(distances), tf.scalar(now.kappa));
        },
        meters: (now) =>
          ROLES.flatMap((role) => [tf.reshape(mean[role], [1]) as tf.Tensor1D, tf.tensor1d([targetOf(role, now)])]),
      };
    },
    weightOf: ({ site }) => weight(site.slice(0, site.lastIndexOf("/"))),
    dispose: () => {
      ROLES.forEach((role) => {
        const { statistics, ...tensors } = roles[role];
        tf.dispose(tensors);
        statistics.forEach((open) => open.dispose());
      });
    },
  };
}
