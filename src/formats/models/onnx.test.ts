import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../core/dataset";
import { layersOf } from "../../core/layers";
import { readNetwork } from "./index";
import { MODEL_LIMITS } from "./reader";
import { fileOf, onnxBytes, type TestModel, type TestNode, type TestTensor } from "./onnx/testing";

const read = (model: TestModel, limits = MODEL_LIMITS) => readNetwork([fileOf(onnxBytes(model))], limits);
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i / count);
const conv = (name: string, from: string, to: string, more: Partial<TestNode> = {}): TestNode => ({
  ...{ type: "Conv", name, inputs: [from, `${name}.weight`], outputs: [to], ...more },
});
const weight = (name: string, ...dims: readonly number[]): TestTensor => ({
  ...{ name: `${name}.weight`, dims, data: numbers(dims.reduce((a, b) => a * b)) },
});
const flatten: TestNode = { type: "Flatten", inputs: ["a"], outputs: ["y"] };

describe("networks from ONNX files", () => {
  test("layers have their author's names, shapes, MACs and parameters", async () => {
    const { info, build, values } = await read({
      nodes: [
        conv("block.conv1", "x", "h", { ints: { pads: [1, 1, 1, 1] } }),
        { type: "Relu", inputs: ["h"], outputs: ["r"] },
        { type: "GlobalAveragePool", inputs: ["r"], outputs: ["p"] },
        { type: "Flatten", inputs: ["p"], outputs: ["f"] },
        { type: "Gemm", inputs: ["f", "fc.weight", "fc.bias"], outputs: ["y"], int: { transB: 1 } },
      ],
      tensors: [weight("block.conv1", 4, 3, 3, 3), weight("fc", 10, 4), { name: "fc.bias", dims: [10], data: numbers(10) }],
      input: [0, 3, 0, 0],
    });
    expect(info).toMatchObject({ name: "net", format: "ONNX, opset 13, from tests", input: [null, null, 3], classes: 10 });
    expect(info.parameters).toBe(4 * 27 + 40 + 10);
    expect(info.sha256).toMatch(/^[0-9a-f]{64}$/);
    const layers = layersOf(build([16, 12, 3]));
    expect(layers.map(({ name, macs, weights }) => [name, macs, weights])).toEqual([
      ["block.conv1", 4 * 27 * 16 * 12, 4 * 27],
      ["fc", 40, 40],
    ]);
    // OIHW to HWIO: element [0, 0, 1, 0] is the file's [0, 1, 0, 0].
    expect(values.get("block.conv1.weight")?.[4]).toBe(Math.fround(9 / 108));
  });

  test("a layer that is applied twice is one layer's weights", async () => {
    const { build, values } = await read({
      nodes: [conv("c", "x", "h"), conv("c", "h", "a"), flatten],
      tensors: [weight("c", 3, 3, 1, 1)],
    });
    const layers = layersOf(build([8, 8, 3]));
    expect(layers.map(({ name, weightOf, weights }) => [name, weightOf, weights])).toEqual([
      ["c", "c", 9],
      ["c_2", "c", 0],
    ]);
    expect([...values.keys()]).toEqual(["c.weight"]);
  });

  test.each([
    ["an alias of the product is read without it", { type: "Relu", inputs: ["m"], outputs: ["r"] }, "i", "m"],
    ["another product has the same weight", { type: "MatMul", inputs: ["f", "w"], outputs: ["r"] }, "m", "f"],
  ])("a constant is no bias of its layer where %s", async (_, other, from, alias) => {
    const { build, values } = await read({
      nodes: [
        { type: "Flatten", inputs: ["x"], outputs: ["f"] },
        { type: "MatMul", inputs: ["f", "w"], outputs: ["m"] },
        { type: "Identity", inputs: [alias], outputs: ["i"] },
        { type: "Add", inputs: [from, "b"], outputs: ["s"] },
        other,
        { type: "Add", inputs: ["s", "r"], outputs: ["y"] },
      ],
      tensors: [
        { name: "w", dims: [192, 4], data: numbers(768) },
        { name: "b", dims: [4], data: numbers(4) },
      ],
    });
    expect(build([8, 8, 3]).nodes.flatMap((node) => (node.op === "dense" ? [node.bias] : []))).not.toContain(true);
    expect([...values.keys()].filter((name) => name.endsWith("bias"))).toEqual([]);
  });

  test("padding before a convolution becomes the convolution's", async () => {
    const { build } = await read({
      nodes: [{ type: "Pad", inputs: ["x", "p"], outputs: ["h"] }, conv("c", "h", "a"), flatten],
      tensors: [weight("c", 4, 3, 3, 3), { name: "p", dims: [8], data: [0, 0, 1, 2, 0, 0, 0, 1], integers: true }],
    });
    const nodes = build([8, 8, 3]).nodes;
    expect(nodes.map(({ op }) => op)).not.toContain("pad");
    expect(nodes.find(({ op }) => op === "conv")).toMatchObject({ padding: { top: 1, left: 2, bottom: 0, right: 1 } });
  });

  test("further outputs are left out, and the notes say so", async () => {
    const { info } = await read({
      nodes: [conv("c", "x", "a"), flatten, conv("aux", "x", "b")],
      tensors: [weight("c", 4, 3, 3, 3), weight("aux", 4, 3, 1, 1)],
      outputs: ["y", "b"],
    });
    expect(info.notes.join(" ")).toContain("b");
    expect(info.parameters).toBe(4 * 27);
  });
});

describe("what cannot be imported is refused in one sentence", () => {
  const refused = async (model: TestModel, limits = MODEL_LIMITS): Promise<string> => {
    const error = await read(model, limits).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(FormatError);
    return (error as FormatError).message;
  };

  test("every unsupported node is named with its type, and what was understood", async () => {
    const message = await refused({
      nodes: [
        conv("c", "x", "h"),
        { type: "ConvTranspose", name: "up", inputs: ["h", "c.weight"], outputs: ["u"] },
        { type: "Relu", inputs: ["u"], outputs: ["r"] },
        { type: "InstanceNormalization", name: "norm", inputs: ["r"], outputs: ["a"] },
        flatten,
        { type: "Mystery", domain: "com.example", name: "what", inputs: ["x"], outputs: ["z"] },
      ],
      tensors: [weight("c", 3, 3, 1, 1)],
    });
    expect(message).toContain("3 of its 6 nodes are not supported");
    expect(message).toContain('"up" (ConvTranspose: transposed convolutions have no cost model here)');
    expect(message).toContain('"norm" (InstanceNormalization');
    expect(message).toContain('"what" (Mystery');
    expect(message).toContain("The other 3 are understood; nothing was loaded.");
  });

  test.each<[string, TestModel, RegExp]>([
    ["an old opset", { opset: 6, nodes: [conv("c", "x", "y")], tensors: [weight("c", 3, 3, 1, 1)] }, /opset 6.*export it again/],
    [
      "weights elsewhere",
      { nodes: [conv("c", "x", "a"), flatten], tensors: [{ ...weight("c", 3, 3, 1, 1), elsewhere: true }] },
      /kept in another file/,
    ],
    [
      "a lying tensor",
      { nodes: [conv("c", "x", "a"), flatten], tensors: [{ ...weight("c", 3, 3, 1, 1), dims: [3, 3, 50, 50] }] },
      /should have 22500 numbers and has 9/,
    ],
    [
      "a tensor beyond all limits",
      { nodes: [conv("c", "x", "a"), flatten], tensors: [{ ...weight("c", 3, 3, 1, 1), dims: [2 ** 30, 2 ** 30] }] },
      /larger than/,
    ],
    [
      "generated weights beyond all limits",
      {
        nodes: [
          { type: "ConstantOfShape", inputs: ["s"], outputs: ["w"] },
          { type: "Conv", inputs: ["x", "w"], outputs: ["a"] },
          flatten,
        ],
        tensors: [{ name: "s", dims: [4], data: [60000, 60000, 3, 3], integers: true }],
      },
      /larger than/,
    ],
    ["two inputs", { nodes: [conv("c", "x", "y")], tensors: [weight("c", 3, 3, 1, 1)], moreInputs: ["z"] }, /2 inputs \(x, z\)/],
    [
      "another number of channels",
      { nodes: [conv("c", "x", "a"), flatten], tensors: [weight("c", 3, 5, 1, 1)] },
      /for 5 channels and its input has 3/,
    ],
    [
      "a window that is too large",
      { nodes: [conv("c", "x", "a"), flatten], tensors: [weight("c", 3, 3, 9, 9)] },
      /larger than its input of 8/,
    ],
    [
      "a one-dimensional convolution",
      { nodes: [conv("c", "x", "y")], tensors: [weight("c", 3, 3, 3)], input: [0, 3, 8] },
      /only layers on images/,
    ],
    [
      "samples that are mixed",
      {
        nodes: [{ type: "Transpose", inputs: ["x"], outputs: ["t"], ints: { perm: [1, 0, 2, 3] } }, conv("c", "t", "a"), flatten],
        tensors: [weight("c", 3, 7, 1, 1)],
      },
      /mixes the samples/,
    ],
  ])("%s", async (_, model, sentence) => {
    expect(await refused(model)).toMatch(sentence);
  });

  test("a file that is none, and one that is cut off", async () => {
    const bytes = onnxBytes({ nodes: [conv("c", "x", "a"), flatten], tensors: [weight("c", 3, 3, 1, 1)] });
    for (const broken of [new Uint8Array(0), new TextEncoder().encode("no network"), bytes.slice(0, 40), bytes.slice(0, -3)]) {
      await expect(readNetwork([fileOf(new Uint8Array(broken))])).rejects.toThrow(/ONNX/);
    }
  });

  test("thousands of damaged files give a network or a sentence, soon and within the limits", async () => {
    const golden = JSON.parse(readFileSync("golden/onnx/operators.json", "utf8")) as { cases: { model: string }[] };
    const files = golden.cases.map(({ model }) => new Uint8Array(Buffer.from(model, "base64")));
    const limits = { ...MODEL_LIMITS, values: 100_000 };
    const damage = fc.record({
      file: fc.nat(files.length - 1),
      flips: fc.array(fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), to: fc.nat(255) }), { maxLength: 6 }),
      cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 5 }),
      splice: fc.option(fc.nat(files.length - 1), { freq: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ file, flips, cut, splice }) => {
        const source = files[file]!;
        let bytes = Uint8Array.from(source);
        for (const { at, to } of flips) bytes[Math.floor(at * bytes.length)] = to;
        if (splice !== null) bytes = new Uint8Array([...bytes.slice(0, bytes.length / 2), ...files[splice]!.slice(-200)]);
        if (cut !== null) bytes = bytes.slice(0, Math.floor(cut * bytes.length));
        const started = performance.now();
        const outcome = await readNetwork([fileOf(bytes)], limits).catch((error: unknown) => error);
        expect(performance.now() - started).toBeLessThan(2000);
        if (outcome instanceof Error) {
          expect(outcome).toBeInstanceOf(FormatError);
          expect(outcome.message).toMatch(/^[^\n]{20,}[.!]$/);
        }
      }),
      { numRuns: 3000, seed: 11 },
    );
  });
});
