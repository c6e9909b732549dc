/** How much memory training a network takes, before anything is allocated. */
import { GATES, parameterShapes, shapeOf, type Graph, type GraphNode } from "./graph";
import { nodeElements, product, sharedGradient, sum, type MemoryQuestion } from "./memory-nodes";

/** What a run takes, in bytes. */
export interface MemoryNeed {
  /** Variables, and what depends on them alone. */
  readonly variables: number;
  /** Values and gradients of a training step: what grows with the batch. */
  readonly step: number;
  /** Values of an evaluation, beyond what the variables take in training. */
  readonly evaluation: number;
  /** The largest single tensor. */
  readonly largest: number;
}

const FLOAT_BYTES = 4;

/** For what the allocator loses between tensors, and for small ones. */
const OVERHEAD = 1.1;

/** Tensors of the variables' size while they are updated: values, momentum, gradients and new values. */
const AT_UPDATE = 4;
/** Before that: values, momentum, gradients. */
const IN_STEP = 3;

/**
 * What a run takes. TensorFlow.js frees nothing within a step: every output and every gradient is there at its end. Of what was allocated
 * at the peak of a search, a retraining and evaluations on WASM (28 runs: ten networks, batches of 4 to 64, images of 32 and 224
 * pixels, every method and form of branches) it gives 1.03 to 1.15; of the memory, which grows by fifths, 0.88 to 1.05.
 */
export function trainingMemory(question: MemoryQuestion): MemoryNeed {
  const { graph, branches, batch } = question;
  const searched = new Set(question.searched.map(({ name }) => name));
  const consumers = consumersOf(graph);
  let [forward, backward, parameters, weights, unrolled, largest] = [0, 0, 0, 0, 0, 0];
  for (const node of graph.nodes) {
    const users = consumers.get(node.name) ?? [];
    const [values, gradients] = nodeElements(question, node, searched, users);
    forward += values;
    backward += gradients + sharedGradient(graph, node, users);
    const input = shapeOf(graph, node.inputs[0] ?? node.name);
    const own = Object.values(parameterShapes(node, input)).map(product);
    parameters += sum(own);
    if (searched.has(node.name)) weights += own[0] ?? 0;
    if (node.op === "lstm") weights += GATES.length * (own[0] ?? 0);
    // Each time step has a gradient of all gates' weights.
    if (node.op === "lstm") unrolled += (input[0] as number) * GATES.length * (own[0] ?? 0);
    largest = Math.max(largest, batch * product(shapeOf(graph, node.name)), ...own);
  }
  // A quantized weight has a gradient of its own; of several, so have the products with their probabilities.
  const quantized = (branches.quantized > 1 ? 2 : 1) * branches.quantized * weights;
  const phase = (values: number, mixed: number): number => Math.max(AT_UPDATE * values, IN_STEP * values + 2 * mixed + unrolled);
  const inSearch = parameters + (branches.weights - 1) * weights;
  // The searched network stays while others are trained.
  const variables = Math.max(phase(inSearch, quantized), inSearch + phase(parameters, weights));
  // Beside values and momentum, an evaluation has the quantized weights.
  const evaluated = Math.max(2 * inSearch + quantized, inSearch + 2 * parameters + weights) + evaluationBatch(graph) * forward;
  const bytes = (elements: number): number => Math.ceil(FLOAT_BYTES * elements);
  return {
    variables: bytes(OVERHEAD * variables),
    step: bytes(OVERHEAD * batch * (forward + backward)),
    evaluation: bytes(OVERHEAD * Math.max(0, evaluated - variables)),
    // The momentum of all variables is one tensor.
    largest: bytes(Math.max(largest, inSearch)),
  };
}

/** Large enough to keep the kernels busy, small enough to let messages in. */
const LARGEST_EVALUATION = 128;

/** What an evaluation may hold: a batch of more gains no time, and would need more memory than training. */
const EVALUATION_BYTES = 256e6;

/** Samples that an evaluation takes at once, 1 to 128: fewer where they are large. */
export function evaluationBatch(graph: Graph): number {
  const fitting = Math.floor(EVALUATION_BYTES / (FLOAT_BYTES * forwardElements(graph)));
  return Math.max(1, Math.min(LARGEST_EVALUATION, fitting));
}

/** Elements that one sample leaves in a network that is not trained: an output of each node, and of some a quantized copy. */
const forwardElements = (graph: Graph): number => COPIED * sum(graph.nodes.map((node) => product(shapeOf(graph, node.name))));

/** Measured: 1 to 1.3. ReLUs that quantizers take over are nodes, too. */
const COPIED = 1.3;

function consumersOf({ nodes }: Graph): ReadonlyMap<string, readonly GraphNode[]> {
  const consumers = new Map<string, GraphNode[]>();
  for (const node of nodes) for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  return consumers;
}
