/** What charts are tested on. */
import { DEFAULT_CONFIG } from "../core/config";
import type { Graph } from "../core/graph";
import { layersOf } from "../core/layers";
import { findModel } from "../core/models";
import type { Described } from "../core/protocol";
import { quantizeGraph } from "../core/qag";
import { sameCandidates, searchSpace, type SearchSpace } from "../core/search";

/** What the worker tells about it. */
export function testDescribed(space: SearchSpace = testSpace()): Described {
  return {
    graph: testGraph(),
    vertices: quantizeGraph(testGraph(), DEFAULT_CONFIG).vertices,
    space,
    resource: null,
    searches: [],
    memory: null,
  };
}

const testGraph = (): Graph => findModel("resnet8").build({ width: 8, input: [16, 16, 1], classes: 2 });

/** ResNet-8 of width 8 on two classes of 16 x 16 images: weights of 1 to 4 bits, activations of 2 to 4. */
export function testSpace(): SearchSpace {
  const graph = testGraph();
  const bits = { weight: [1, 2, 3, 4], activation: [2, 3, 4] };
  const site = sameCandidates((role) => bits[role].map((width) => ({ bits: width, scheme: role })));
  return searchSpace(layersOf(graph), { includeEnds: false, site });
}
